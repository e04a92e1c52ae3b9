// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Linux
import Logging
import SystemPackage
import TaskNetworking
import VPC

extension TaskNetworkService {
    /// Begins to attach ENIs to a running task, with the next indexes: their records are in the store when this returns;
    /// the rest follows, and ends in ATTACHED or FAILED.
    func begin(
        attaching interfaces: [NetworkInterfaceRecord], to task: TaskRecord
    ) async throws -> [NetworkInterfaceRecord] {
        try await begin(attaching: interfaces, to: task, leases: try claim(addressesOf: interfaces))
    }

    /// The same, with ENIs as messages describe them.
    /// - Throws: also as `take` does.
    func begin(
        attaching messages: [ElasticNetworkInterface], waiting milliseconds: Int?, to task: TaskRecord
    ) async throws -> [NetworkInterfaceRecord] {
        let messages = try await groups.resolve(messages)
        let (interfaces, leases) = try take(messages, origin: .attached, waiting: milliseconds)
        return try await begin(attaching: interfaces, to: task, leases: leases)
    }

    private func begin(
        attaching interfaces: [NetworkInterfaceRecord], to task: TaskRecord, leases: [AddressLease]
    ) async throws -> [NetworkInterfaceRecord] {
        let configuration = configuration
        let records: [NetworkInterfaceRecord]
        do {
            records = try await store.write { store in
                let used = try store.attachable(task.id).filter { !$0.isOver }
                let ids = interfaces.flatMap { $0.networkInterface.securityGroupIDs ?? [] }
                try store.require(securityGroups: ids, configuration)
                let next = (used.map(\.networkInterface.index).max() ?? 0) + 1
                let records = interfaces.enumerated().map { offset, interface in
                    var record = interface
                    record.taskID = task.id
                    record.status = .attaching
                    record.networkInterface.index = next + offset
                    return record
                }
                for record in records { try store.insert(record) }
                for lease in leases { try store.insert(lease) }
                return records
            }
        } catch {
            free(leases)
            throw error
        }
        FaultPoint.pass(FaultPoints.attachmentRecorded)
        for record in records { keepAttaching(record, to: task) }
        return records
    }

    /// Goes on with the attachments that an earlier daemon began.
    func resumeAttachments(of task: TaskRecord) async throws {
        let interfaces = try await store.read { try $0.networkInterfaces(taskID: task.id) }
        for interface in interfaces where interface.isHotAttached && interface.status == .attaching {
            keepAttaching(interface, to: task)
        }
    }

    private func keepAttaching(_ interface: NetworkInterfaceRecord, to task: TaskRecord) {
        attachments.begin(interface.id) { number in
            Task {
                await traces.record(.start, of: interface.id) {
                    await traced(.network) { await attach(interface, to: task) }
                }
                attachments.ended(interface.id, number)
            }
        }
    }

    /// Waits for an ENI's device and moves it into the running task as `eth<index>`. Whoever cancels it takes down what
    /// has been made.
    private func attach(_ interface: NetworkInterfaceRecord, to task: TaskRecord) async {
        let planned: Result<TaskNetworkPlan, any Error>
        do {
            // Not in the turn: the device may never come.
            planned = .success(try await plan(attaching: interface, to: task))
        } catch {
            planned = .failure(error)
        }
        await journal.inTurn(of: .task(task.id)) {
            if Task.isCancelled { return }
            do {
                try await make(try planned.get(), of: interface, in: task)
            } catch {
                await fail(interface, of: task.id, because: error)
            }
        }
    }

    private func make(
        _ planned: TaskNetworkPlan, of interface: NetworkInterfaceRecord, in task: TaskRecord
    ) async throws {
        try await journal.make(
            .attach,
            intent: { store in
                // It may have been a while until the device was there.
                _ = try store.attachable(task.id)
                guard try store.networkInterface(id: interface.id)?.status == .attaching else {
                    throw NetworkServiceError.noLongerWanted(interface: interface.id)
                }
                let plans = try store.networkPlans(taskID: task.id)
                if let made = plans.first(where: { $0.networkInterfaceID == interface.id }) { return made.plan }
                try store.setNetworkPlans(plans + [MadeNetwork(planned, only: interface.id)], taskID: task.id)
                return planned
            },
            kernel: { kernel, plan in try await apply(plan, of: [interface], by: kernel) },
            outcome: { store, _ in _ = try store.setStatus(.attached, of: interface.id) })
    }

    private func fail(_ interface: NetworkInterfaceRecord, of taskID: String, because error: any Error) async {
        log.error("ENI not attached", metadata: ["eni": "\(interface.id)", "error": "\(error)"])
        do {
            try await takeOut(interface.id, of: taskID, from: .attaching, as: .failed, because: "\(error)")
        } catch {
            log.error("failed attachment not recorded", metadata: ["eni": "\(interface.id)", "error": "\(error)"])
        }
    }

    private func plan(attaching interface: NetworkInterfaceRecord, to task: TaskRecord) async throws -> TaskNetworkPlan
    {
        let stored = try await store.read { try $0.networkPlans(taskID: task.id) }
        if let made = stored.first(where: { $0.networkInterfaceID == interface.id }) {
            // An earlier daemon's, which may have come as far as moving the device: it is not on the host any more then.
            return made.plan
        }
        var inner = try await self.request(interface)
        inner.linkGroup = try await groups.linkGroup(of: interface)
        let request = TaskNetworkRequest(
            taskID: task.id, namespacePath: try AbsolutePath(configuration.namespacePath(task.id).string),
            ownsNamespace: false, hostname: "", interfaces: [inner],
            blocksInstanceMetadata: configuration.blockInstanceMetadata, endpointAddresses: [])
        return try await plan(request)
    }
}

/// The attachments to running tasks that are under way, by ENI. The same ENI may come again while the end of its last
/// attachment has not been noted.
struct AttachmentsUnderWay {
    private var tasks: [String: (number: Int, task: Task<Void, Never>)] = [:]
    private var count = 0

    mutating func begin(_ id: String, _ start: (Int) -> Task<Void, Never>) {
        count += 1
        tasks[id] = (count, start(count))
    }

    mutating func ended(_ id: String, _ number: Int) {
        if tasks[id]?.number == number { tasks[id] = nil }
    }

    func cancel(_ id: String) { tasks[id]?.task.cancel() }
}

extension StoreTransaction {
    /// The ENIs of a task that others may be attached to: it runs, and neither it nor its network is to end.
    fileprivate func attachable(_ taskID: String) throws -> [NetworkInterfaceRecord] {
        guard let task = try task(id: taskID) else { throw APIError.taskNotFound }
        let interfaces = try networkInterfaces(taskID: taskID)
        guard task.lastStatus == .running, task.stopCode == nil,
            interfaces.contains(where: { !$0.isHotAttached && $0.status == .attached })
        else { throw APIError.invalidParameter("\(NetworkServiceError.notRunning(task))") }
        return interfaces
    }
}

extension NetworkInterfaceRecord {
    /// Whether it came to a task that ran already, and so has a plan of its own.
    var isHotAttached: Bool { origin == .attached && networkInterface.index > 0 }

    /// Whether nothing of it is in the kernel any more.
    var isOver: Bool { [.detached, .deleted, .failed].contains(status) }
}
