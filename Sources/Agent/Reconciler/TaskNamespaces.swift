// SPDX-License-Identifier: Apache-2.0
import Linux
import Logging
import Netlink
import Synchronization

/// The namespaces of the daemon's tasks, of which is told what is taken away in them. Those of sandboxes are not among them:
/// what is in there is their runtime's affair.
///
/// They have their numbers in a namespace of our own, with nothing else in it, and not in the host's, which gives one to
/// whatever a veth leads to: the kernel looks through all of them for each event anywhere (`NamespaceEvents.Source`). Here
/// a namespace has none before its network is made, either.
final class TaskNamespaces: Sendable {
    /// Nil where the kernel does not let us listen.
    private let events: NamespaceEvents?
    private let state: Mutex<State>

    /// With one user at a time, which is all that a connection needs; the compiler cannot follow it here.
    private struct State: @unchecked Sendable {
        /// To the namespace where the numbers are.
        var connection: RouteConnection?
        var tasks: [Int32: String] = [:]
        /// Given once: the end of a namespace is told later than another one could have its number.
        var nextNumber: Int32 = 0
    }

    init(log: Logger) {
        var (events, connection): (NamespaceEvents?, RouteConnection?)
        do {
            let listening = try NetworkNamespace.create()
            connection = try RouteConnection(in: listening)
            events = try NamespaceEvents(of: .namespaceAndNumbered, in: listening)
        } catch {
            log.error(
                "what happens in tasks' namespaces is noticed only from time to time: give tasknetd CAP_NET_BROADCAST",
                metadata: ["error": "\(error)"])
        }
        self.events = events
        state = Mutex(State(connection: events == nil ? nil : connection))
    }

    /// Tells from now on what happens in a task's namespace, for as long as that lives. Blocks.
    func add(_ namespace: NetworkNamespace, of taskID: String) throws {
        try state.withLock { state in
            guard let connection = state.connection else { return }
            let number = try connection.makeNamespaceID(of: namespace, as: state.nextNumber)
            if number == state.nextNumber { state.nextNumber += 1 }
            state.tasks[number] = taskID
        }
    }

    /// Nil for a namespace that is no task's, or that has ended.
    func task(in number: Int32) -> String? { state.withLock { $0.tasks[number] } }

    /// Waits for events without holding a thread.
    ///
    /// - Returns: nil when the task is cancelled, or the kernel tells none.
    func next() async throws -> [NamespaceEvent]? {
        let happened = try await events?.next()
        state.withLock { state in
            for case .namespaceEnded(let number) in happened ?? [] { state.tasks[number] = nil }
        }
        return happened
    }
}
