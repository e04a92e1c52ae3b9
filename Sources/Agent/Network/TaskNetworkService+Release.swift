// SPDX-License-Identifier: Apache-2.0
import Linux
import Logging
import TaskNetworking
import VPC

/// What is still there of a network that was to go.
struct KeptNetwork: Sendable, Hashable {
    var owner: NetworkOwner
    /// The one ENI that it is about; nil for all that the owner began with.
    var networkInterfaceID: String?
    var reason: String
}

extension TaskNetworkService {
    /// Takes a task's network down: the last interface first, its own namespace last.
    ///
    /// - Returns: what cannot be undone. It is kept in the store with its addresses, and tried again by `retryKept`.
    @discardableResult
    func release(_ task: TaskRecord) async -> [KeptNetwork] {
        do {
            let (kept, leases) = try await journal.inTurn(of: .task(task.id)) { try await takeDown(task) }
            try await traced(.free) { try await takeBack(leases) }
            if kept.isEmpty { await traced(.files) { await removeRuntimeDirectory(of: task.id) } }
            return kept
        } catch {
            log.error("network not released", metadata: ["task": "\(task.id)", "error": "\(error)"])
            return [KeptNetwork(owner: .task(task.id), reason: "\(error)")]
        }
    }

    private func takeDown(_ task: TaskRecord) async throws -> ([KeptNetwork], [AddressLease]) {
        try await journal.make(
            .release,
            intent: { store in
                let interfaces = try store.networkInterfaces(taskID: task.id)
                for interface in interfaces where !interface.isOver {
                    try store.setStatus(.detaching, of: interface.id)
                }
                return (interfaces, try store.networkPlans(taskID: task.id))
            },
            kernel: { kernel, intended in
                let (interfaces, plans) = intended
                // Those that wait for their devices find that they have been waiting in vain.
                for interface in interfaces { attachments.cancel(interface.id) }
                return (interfaces, await tearDown(plans, task: task.id, by: kernel))
            },
            within: { made, write in
                // Of one that was over before, somebody else may have the addresses by now.
                try await traced(.firewall) {
                    try await groups.forget(made.1.gone(of: made.0).filter { !$0.isOver }, write)
                }
            },
            outcome: { store, made in
                let (interfaces, remains) = made
                try store.setNetworkPlans(remains.kept, taskID: task.id)
                let leases = try remains.gone(of: interfaces).flatMap { interface in
                    if !interface.isOver {
                        try store.setStatus(interface.origin == .daemon ? .deleted : .detached, of: interface.id)
                    }
                    return try store.deleteLeases(networkInterfaceID: interface.id)
                }
                return (remains.networks(of: task.id), leases)
            })
    }

    /// Takes an ENI that was attached to a running task out of it again; its device goes back to the host.
    ///
    /// What cannot be undone is kept, and can be detached again; it goes with the task otherwise.
    @discardableResult
    func detach(_ interface: NetworkInterfaceRecord, from taskID: String) async throws -> [KeptNetwork] {
        attachments.cancel(interface.id)
        return try await traces.record(.stop, of: interface.id) {
            try await traced(.networkRelease) {
                try await journal.inTurn(of: .task(taskID)) {
                    try await takeOut(interface.id, of: taskID, as: .detached)
                }
            }
        }
    }

    /// Takes an ENI out of a running task, in the task's turn.
    ///
    /// - Parameter status: where it is to be; nothing is done where it has come to another by now.
    @discardableResult
    func takeOut(
        _ id: String, of taskID: String, from status: AttachmentStatus? = nil, as end: AttachmentStatus,
        because reason: String? = nil
    ) async throws -> [KeptNetwork] {
        guard let interface = try await store.read({ try $0.networkInterface(id: id) }), !interface.isOver,
            interface.taskID == taskID, status == nil || interface.status == status
        else { return [] }
        let (kept, leases) = try await journal.make(
            .detach,
            intent: { store in
                // What has not come is undone by the next daemon in that it is attached, or fails again.
                if end != .failed { try store.setStatus(.detaching, of: id, because: interface.statusReason) }
                return try store.networkPlans(taskID: taskID).filter { $0.networkInterfaceID == id }
            },
            kernel: { kernel, plans in await tearDown(plans, task: taskID, by: kernel) },
            within: { remains, write in
                try await traced(.firewall) {
                    remains.kept.isEmpty ? try await groups.forget([interface], write) : try await write()
                }
            },
            outcome: { store, remains in
                guard remains.kept.isEmpty else {
                    if let reason { try store.setStatus(.detaching, of: id, because: reason) }
                    return (remains.networks(of: taskID), [AddressLease]())
                }
                let others = try store.networkPlans(taskID: taskID).filter { $0.networkInterfaceID != id }
                try store.setNetworkPlans(others, taskID: taskID)
                try store.setStatus(end, of: id, because: reason ?? interface.statusReason)
                return ([], try store.deleteLeases(networkInterfaceID: id))
            })
        try await takeBack(leases)
        return kept
    }

    /// Takes down what was made for a task, the last first. A device that cannot be given back stays in its namespace,
    /// which the plans before it are not to take away.
    private func tearDown(_ made: [MadeNetwork], task: String, by kernel: TaskNetwork) async -> Remains {
        var remains = Remains()
        for network in made.reversed() {
            if remains.kept.contains(where: \.holdsDevice) {
                remains.keep(network, because: "a device that was attached after it is still in its namespace")
                continue
            }
            do {
                let result = try await traced(.kernel) {
                    let result = try await Blocking.run { kernel.teardown(network.plan) }
                    TracePlace.add(result.timed)
                    return result
                }
                for remark in result.remarks { log.notice("\(remark)", metadata: ["task": "\(task)"]) }
                for error in result.errors {
                    log.error(
                        "network not wholly taken down; it is kept, and tried again",
                        metadata: ["task": "\(task)", "error": "\(error)"])
                }
                if !result.errors.isEmpty {
                    remains.keep(network, because: result.errors.map(\.description).joined(separator: "; "))
                }
            } catch {
                log.error("network not taken down", metadata: ["task": "\(task)", "error": "\(error)"])
                remains.keep(network, because: "\(error)")
            }
        }
        return remains
    }
}

// MARK: - Files

extension TaskNetworkService {
    private func removeRuntimeDirectory(of taskID: String) async {
        let path = configuration.taskRuntimeDirectory(taskID)
        do {
            try await Blocking.run { try DirectoryTree.remove(path) }
        } catch {
            log.warning("runtime files stay", metadata: ["path": "\(path)", "error": "\(error)"])
        }
    }
}

// MARK: - What was kept

extension TaskNetworkService {
    /// Tries again to take down what could not be: of tasks that are over, and ENIs that were to leave one that runs.
    ///
    /// - Returns: what is still there.
    func retryKept() async throws -> [KeptNetwork] {
        let (tasks, interfaces) = try await store.read { store in
            (try store.stoppedTasksWithNetwork(), try store.networkInterfaces(.detaching))
        }
        var kept: [KeptNetwork] = []
        for task in tasks { kept += await release(task) }
        for interface in interfaces where interface.isHotAttached {
            guard let taskID = interface.taskID, !tasks.contains(where: { $0.id == taskID }) else { continue }
            do {
                kept += try await journal.inTurn(of: .task(taskID)) {
                    try await takeOut(
                        interface.id, of: taskID, from: .detaching, as: interface.hasFailedToCome ? .failed : .detached)
                }
            } catch {
                log.error("ENI not detached", metadata: ["eni": "\(interface.id)", "error": "\(error)"])
                kept.append(
                    KeptNetwork(owner: .task(taskID), networkInterfaceID: interface.id, reason: "\(error)"))
            }
        }
        return kept
    }
}

extension NetworkInterfaceRecord {
    /// Whether it goes because it could not be attached. One that was to go before it had come has no reason.
    fileprivate var hasFailedToCome: Bool { attachedAt == nil && statusReason != nil }
}

/// What a teardown has left, in the order in which it was made.
private struct Remains: Sendable {
    private(set) var kept: [MadeNetwork] = []
    private var reasons: [String] = []

    mutating func keep(_ network: MadeNetwork, because reason: String) {
        kept.insert(network, at: 0)
        reasons.insert(reason, at: 0)
    }

    func gone(of interfaces: [NetworkInterfaceRecord]) -> [NetworkInterfaceRecord] {
        interfaces.filter { interface in
            !kept.contains { $0.networkInterfaceID == (interface.isHotAttached ? interface.id : nil) }
        }
    }

    func networks(of task: String) -> [KeptNetwork] {
        zip(kept, reasons).map {
            KeptNetwork(owner: .task(task), networkInterfaceID: $0.networkInterfaceID, reason: $1)
        }
    }
}
