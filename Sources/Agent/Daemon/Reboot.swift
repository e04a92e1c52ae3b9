// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Linux
import Logging
import SystemPackage
import TaskNetworking
import VPC

/// What follows from a reboot of the host: what the state says of the kernel is of a kernel that is gone.
///
/// In the state it is over in the transaction that notes the new boot: a daemon that dies meanwhile leaves all of it or
/// nothing. What a reboot may leave on the disk (`/run` is no tmpfs everywhere) goes before, so that it is tried again.
struct Reboot {
    let store: Store
    let configuration: AgentConfiguration
    let log: Logger

    /// What a task's end by a reboot is called.
    static let stop = TaskProgress.Stop(code: .terminationNotice, reason: "The host was rebooted")

    /// Notes which boot this is, and ends what an earlier one has left.
    func noteBoot(_ id: String) async throws -> BootChange {
        let known = try await store.read { try $0.metadata("boot id") }
        if let known, known != id { try await removeLeftovers() }
        let (change, ended) = try await store.write { store -> (BootChange, [String]) in
            let change = try store.recordBoot(id)
            guard case .rebooted = change else { return (change, []) }
            return (change, try store.endEarlierBoot())
        }
        if case .rebooted(let previous) = change {
            log.notice(
                "the host was rebooted",
                metadata: ["earlier boot": "\(previous)", "stopped tasks": "\(ended.count)"])
        }
        for task in ended {
            log.info("task is STOPPED", metadata: ["task": "\(task)", "reason": "\(Self.stop.reason)"])
        }
        return change
    }

    /// Runtime directories, and the files that namespaces were bound at. Only of tasks that are in this state: other
    /// daemons may have theirs beside them.
    private func removeLeftovers() async throws {
        let tasks = try await store.read { try $0.unstoppedTasks() + $0.stoppedTasksWithNetwork() }
        let configuration = configuration
        let log = log
        try await Blocking.run {
            for task in tasks {
                let namespace = task.namespacePath.map { FilePath($0) } ?? configuration.namespacePath(task.id)
                do {
                    try DirectoryTree.remove(configuration.taskRuntimeDirectory(task.id))
                    try NetworkNamespace.remove(at: namespace)
                } catch {
                    log.warning("files of a task stay", metadata: ["task": "\(task.id)", "error": "\(error)"])
                }
            }
        }
    }
}

extension StoreTransaction {
    /// Ends what an earlier boot's kernel had: tasks, their and the sandboxes' ENIs with the addresses, and what the
    /// host had for the subnets. An ENI that waits for its task was in no kernel, and waits on.
    /// - Returns: the ids of the tasks that have stopped by it.
    func endEarlierBoot(at now: Timestamp = .now()) throws -> [String] {
        for interface in try sandboxInterfaces() { _ = try deleteSandboxInterface(interface.id) }
        var ended: [String] = []
        for task in try stoppedTasksWithNetwork() { try endNetwork(ofTask: task.id) }
        for task in try unstoppedTasks() {
            try endNetwork(ofTask: task.id)
            for container in try containers(taskID: task.id) where container.lastStatus != .stopped {
                try updateContainer(container.name, ofTask: task.id) { $0.endByReboot(at: now) }
            }
            try updateTask(task.id) { $0.endByReboot(at: now) }
            ended.append(task.id)
        }
        try setHostNetworkPlan(HostNetworkPlan(requirements: []))
        return ended
    }

    private func endNetwork(ofTask id: String) throws {
        for interface in try networkInterfaces(taskID: id) {
            if !interface.isOver { try setStatus(interface.origin == .daemon ? .deleted : .detached, of: interface.id) }
            try deleteLeases(networkInterfaceID: interface.id)
        }
        try setNetworkPlans([], taskID: id)
    }
}

extension ContainerRecord {
    fileprivate mutating func endByReboot(at now: Timestamp) {
        lastStatus = .stopped
        process = nil
        reason = reason ?? "\(Reboot.stop.reason)\(startedAt == nil ? "" : ", and the container ended with it")"
        if startedAt != nil { finishedAt = finishedAt ?? now }
    }
}

extension TaskRecord {
    /// One that was stopping already keeps the reason that it has.
    fileprivate mutating func endByReboot(at now: Timestamp) {
        lastStatus = .stopped
        desiredStatus = .stopped
        stopCode = stopCode ?? Reboot.stop.code
        stoppedReason = stoppedReason ?? Reboot.stop.reason
        stoppingAt = stoppingAt ?? now
        executionStoppedAt = executionStoppedAt ?? now
        stoppedAt = now
        pause = nil
        version += 1
    }
}
