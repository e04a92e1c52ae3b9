// SPDX-License-Identifier: Apache-2.0
import TaskNetworking

extension Agent {
    /// Everything that the daemon is made of, in the order of its start; it ends in reverse.
    package static func parts(of context: AgentContext) throws -> [any AgentPart] {
        let journal = NetworkJournal(context.store, kernel: try TaskNetwork())
        let groups = SecurityGroupService(context, journal: journal)
        let pool = WarmPool(context, journal: journal)
        let taskNamespaces = TaskNamespaces(log: context.logger(for: "reconciler"))
        let network = TaskNetworkService(
            context, journal: journal, groups: groups, pool: pool, taskNamespaces: taskNamespaces)
        let sandboxes = SandboxNetworkService(context, network: network)
        let reconciler = Reconciler(
            context, journal: journal, groups: groups, network: network, sandboxes: sandboxes,
            taskNamespaces: taskNamespaces)
        let stoppedTasks = StoppedTasks(context)
        let restarts = Wakes()
        let engine = try TaskEngine(context, network: network, stoppedTasks: stoppedTasks, restarts: restarts)
        let tasks = TaskOperations(
            context: context, network: network, engine: engine, reconciler: reconciler)
        return [
            // The first to begin and the last to end, which it notes.
            EventHistory(context),
            EventOperations(context: context),
            TaskDefinitionOperations(context: context),
            ClusterOperations(context: context),
            HostOperations(context: context, network: network),
            // Before whatever has ENIs, and gone after it.
            groups,
            SecurityGroupOperations(context: context, groups: groups),
            NetworkPathOperations(context: context, groups: groups),
            TraceOperations(context: context),
            // Before who takes from it, and gone after him.
            pool,
            network,
            sandboxes,
            SandboxOperations(context: context, sandboxes: sandboxes),
            NetworkInterfaceOperations(context: context, network: network),
            stoppedTasks,
            engine,
            // After all of whom it looks.
            reconciler,
            ReconciliationOperations(reconciler: reconciler),
            tasks,
            // The first to end: nothing is begun any more when tasks are being ended.
            TaskRestarts(context, operations: tasks, wakes: restarts),
        ]
    }
}
