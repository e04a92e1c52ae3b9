// SPDX-License-Identifier: Apache-2.0
import TaskDefinitions
import VPC

/// All that the store has of a task that an earlier daemon began.
struct KnownTask: Sendable {
    var task: TaskRecord
    var containers: [ContainerRecord]
    var interfaces: [NetworkInterfaceRecord]
    /// Without the overrides of the run. Nil where it is gone.
    var definition: TaskDefinition?

    /// Whether its network was made to the end. What has happened to it since is drift, which the reconciler finds for all
    /// tasks at once.
    var isNetworkMade: Bool {
        let base = interfaces.filter { !$0.isHotAttached }
        return task.pause != nil && !base.isEmpty && base.allSatisfy { $0.status == .attached }
    }

    /// Whether an ENI was on its way to it.
    var isBeingAttached: Bool { interfaces.contains { $0.isHotAttached && $0.status == .attaching } }
}

extension StoreTransaction {
    /// Those that are not over, the oldest first: with as many questions for a thousand as for one.
    func knownTasks() throws -> [KnownTask] {
        let tasks = try unstoppedTasks()
        let containers = Dictionary(
            grouping: try all(
                ContainerRecord.self,
                """
                SELECT record FROM containers WHERE task_id IN (SELECT id FROM tasks WHERE last_status <> 'STOPPED')
                ORDER BY task_id, position
                """), by: \.taskID)
        let interfaces = Dictionary(
            grouping: try all(
                NetworkInterfaceRecord.self,
                """
                SELECT record FROM network_interfaces
                WHERE task_id IN (SELECT id FROM tasks WHERE last_status <> 'STOPPED')
                ORDER BY task_id, json_extract(record, '$.networkInterface.index'), sequence
                """), by: \.taskID)
        var definitions: [String: TaskDefinition] = [:]
        return try tasks.map { task in
            let name = "\(task.family):\(task.revision)"
            if definitions[name] == nil {
                definitions[name] = try taskDefinition(family: task.family, revision: task.revision)?.definition
            }
            return KnownTask(
                task: task, containers: containers[task.id] ?? [], interfaces: interfaces[task.id] ?? [],
                definition: definitions[name])
        }
    }

    /// One of any state.
    func knownTask(id: String) throws -> KnownTask? {
        guard let task = try task(id: id) else { return nil }
        return KnownTask(
            task: task, containers: try containers(taskID: id), interfaces: try networkInterfaces(taskID: id),
            definition: try taskDefinition(family: task.family, revision: task.revision)?.definition)
    }
}
