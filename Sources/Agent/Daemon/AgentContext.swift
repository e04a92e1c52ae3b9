// SPDX-License-Identifier: Apache-2.0
package import Logging
import Synchronization
package import SystemPackage

/// What the parts of the daemon share.
package struct AgentContext: Sendable {
    package let configuration: CurrentConfiguration
    package let store: Store
    /// Whether what the state says of the kernel can still be true.
    package let boot: BootChange
    /// Whether the end of the daemon ends the tasks (`--stop-tasks`). Otherwise they go on.
    package let stopsTasksAtEnd: Bool
    /// Where clients reach the daemon: systemd's socket, where it has one, or the configuration's.
    package let controlSocketPath: FilePath
    /// Nil outside of systemd.
    package let notifier: ServiceNotifier?
    package let logger: Logger
    /// Where the time went, of the last tasks and sandboxes.
    let traces = TraceRecorder()

    package init(
        configuration: CurrentConfiguration, store: Store, boot: BootChange, stopsTasksAtEnd: Bool = false,
        controlSocketPath: FilePath? = nil, notifier: ServiceNotifier? = nil, logger: Logger
    ) {
        self.configuration = configuration
        self.store = store
        self.boot = boot
        self.stopsTasksAtEnd = stopsTasksAtEnd
        self.controlSocketPath = controlSocketPath ?? configuration.value.controlSocketPath
        self.notifier = notifier
        self.logger = logger
    }

    /// A part's own logger: each of its lines says which part it is.
    package func logger(for name: String) -> Logger {
        var logger = logger
        logger[metadataKey: "part"] = "\(name)"
        return logger
    }
}

/// The configuration as it is now: a reload replaces it.
package final class CurrentConfiguration: Sendable {
    private let state: Mutex<State>

    private struct State {
        var configuration: AgentConfiguration
        var refusal: String?
    }

    package init(_ configuration: AgentConfiguration) { state = Mutex(State(configuration: configuration)) }

    package var value: AgentConfiguration { state.withLock { $0.configuration } }

    /// Why the last reload changed nothing; nil when it was taken, or there was none.
    package var refusal: String? {
        get { state.withLock { $0.refusal } }
        set { state.withLock { $0.refusal = newValue } }
    }

    func replace(_ configuration: AgentConfiguration) { state.withLock { $0.configuration = configuration } }
}
