// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
package import Logging
import ServiceLifecycle
import SystemPackage
import UnixSignals

/// The daemon: its parts around one state, one control socket and one configuration.
///
/// ```swift
/// let agent = try await Agent(loaded, environment: environment, logger: logger)
/// try await agent.run(Agent.parts(of: agent.context))
/// ```
package struct Agent: Sendable {
    package let context: AgentContext
    private let socket: ControlSocket
    private let environment: [String: String]
    private let reload: @Sendable () throws -> AgentConfiguration.Loaded

    /// Opens the state and the control socket, each of which refuses a second daemon.
    /// - Parameters:
    ///   - environment: for systemd's part of it.
    ///   - stopsTasks: whether the tasks end with the daemon.
    ///   - reload: reads the configuration anew.
    package init(
        _ configuration: AgentConfiguration, environment: [String: String] = [:], stopsTasks: Bool = false,
        logger: Logger, reload: @escaping @Sendable () throws -> AgentConfiguration.Loaded
    ) async throws {
        self.environment = environment
        self.reload = reload
        let inherited = try ControlSocket.inherited(ListenDescriptors.taken(from: environment))
        if inherited == nil, access(configuration.stateDirectory.string, F_OK) != 0 {
            // A daemon that is refused its socket leaves no new state behind.
            try ControlSocket.makeRoom(at: configuration.controlSocketPath)
        }
        let store = try Store(directory: configuration.stateDirectory)
        try await Self.tellVersion(before: store, logger)
        let reboot = Reboot(store: store, configuration: configuration, log: logger)
        let boot = try await reboot.noteBoot(try BootID.current())
        socket = try inherited ?? Self.openSocket(configuration, logger)
        context = AgentContext(
            configuration: CurrentConfiguration(configuration), store: store, boot: boot, stopsTasksAtEnd: stopsTasks,
            controlSocketPath: socket.boundPath, notifier: ServiceNotifier(environment: environment), logger: logger)
    }

    /// Tells of another version that worked on the state before. The list of events notes it.
    private static func tellVersion(before store: Store, _ logger: Logger) async throws {
        let before = try await store.read { try $0.versionBefore() }
        guard let before, before != agentVersion else { return }
        logger.notice("the state was version \(before)'s, and is version \(agentVersion)'s from now on")
    }

    private static func openSocket(
        _ configuration: AgentConfiguration, _ logger: Logger
    ) throws -> ControlSocket {
        let group = configuration.controlSocket.group
        let groupID = ControlAccess.groupID(named: group)
        if groupID == nil {
            logger.notice("this host has no group \(group): only root may use the control socket")
        }
        let path = configuration.controlSocketPath
        try Directory.make(path.removingLastComponent(), mode: 0o755)
        return try ControlSocket.listen(at: path, mode: configuration.controlSocket.mode, groupID: groupID)
    }

    /// Runs until the process is told to end (SIGTERM, SIGINT), or a part fails. SIGHUP reloads the configuration.
    package func run(_ parts: [any AgentPart]) async throws {
        Memory.sharePools(2)
        try await services(parts, signals: [.sigterm, .sigint]).run()
    }

    /// Brings the parts to where they can answer, and puts them in order.
    ///
    /// They end in reverse: first systemd hears of it, then no request comes in any more, then the parts end.
    func services(_ parts: [any AgentPart], signals: [UnixSignal]) async throws -> ServiceGroup {
        do {
            for part in parts {
                let start = ContinuousClock.now
                try await part.prepare()
                let took = start.duration(to: .now) / .microseconds(1)
                context.logger.debug("prepared", metadata: ["part": "\(type(of: part))", "microseconds": "\(took)"])
            }
        } catch {
            socket.remove()
            throw error
        }
        var dispatcher = APIDispatcher(logger: context.logger)
        for part in parts { part.register(in: &dispatcher) }
        let access = ControlAccess(
            groupID: ControlAccess.groupID(named: context.configuration.value.controlSocket.group))
        let server = ControlAPIServer(
            socket: socket, dispatcher: dispatcher, access: access, logger: context.logger(for: "control"))
        let watchdog = Watchdog(notifier: context.notifier, environment: environment) { [store = context.store] in
            _ = try await store.read { try $0.metadata("boot id") }
            for part in parts { try await part.proveAlive() }
        }
        var services: [any Service] = watchdog.map { [$0] } ?? []
        services += parts.map { $0 as any Service }
        services.append(server)
        if !signals.isEmpty {
            let hangups = await UnixSignalsSequence(trapping: .sighup)
            services.append(ConfigurationReload(context: context, parts: parts, hangups: hangups, load: reload))
        }
        services.append(Readiness(notifier: context.notifier, logger: context.logger))
        var group = ServiceGroupConfiguration(
            services: services.map { .init(service: $0, successTerminationBehavior: .ignore) },
            logger: context.logger(for: "lifecycle"))
        group.gracefulShutdownSignals = signals
        return ServiceGroup(configuration: group)
    }
}

/// The first and the last that systemd hears of the daemon.
private struct Readiness: Service {
    let notifier: ServiceNotifier?
    let logger: Logger

    func run() async throws {
        notifier?.notify(.ready, .status("Ready"))
        logger.info("ready")
        do {
            try Memory.releaseProgramPages()
        } catch {
            logger.warning("the memory of the start is kept", metadata: ["error": "\(error)"])
        }
        try? await gracefulShutdown()
        notifier?.notify(.stopping, .status("Stopping"))
        logger.info("stopping")
    }
}
