// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import GRDB
import TaskNetworking
import VPC

/// What was made in the kernel for a task, or is about to be.
struct MadeNetwork: Codable, Hashable, Sendable {
    var plan: TaskNetworkPlan
    /// The one ENI that the plan is about, where that came to a running task.
    var networkInterfaceID: String?

    init(_ plan: TaskNetworkPlan, only networkInterfaceID: String? = nil) {
        self.plan = plan
        self.networkInterfaceID = networkInterfaceID
    }

    /// Whether it is what the task began with.
    var isWhole: Bool { networkInterfaceID == nil }

    /// Whether a link of the host's own is in the task by it.
    var holdsDevice: Bool {
        plan.requirements.contains { if case .device = $0 { true } else { false } }
    }
}

extension StoreTransaction {
    /// What was made in the kernel for a task, or is about to be: first the plan that it began with, then one for each
    /// ENI that came later.
    func networkPlans(taskID: String) throws -> [MadeNetwork] {
        guard let text = try networkPlan(taskID: taskID) else { return [] }
        return try decode([MadeNetwork].self, text)
    }

    func setNetworkPlans(_ plans: [MadeNetwork], taskID: String) throws {
        let text = plans.isEmpty ? nil : try encode(plans)
        try setNetworkPlan(text, taskID: taskID)
    }

    /// Takes an attachment a step further; one that is there already, or past it, stays where it is.
    ///
    /// The rest of the record is not read: this is done three times for each ENI.
    /// - Returns: whether it has gone further.
    @discardableResult
    func setStatus(
        _ status: AttachmentStatus, of networkInterfaceID: String, because reason: String? = nil,
        at time: Timestamp = .now()
    ) throws -> Bool {
        guard let event = try event(of: networkInterfaceID, becoming: status, because: reason),
            let before = event.from.flatMap(AttachmentStatus.init), before.mayBecome(status)
        else { return false }
        let attachedAt = status == .attached ? time.number : .null
        try execute(
            sql: """
                UPDATE network_interfaces SET record = json_patch(record, json_object(
                    'status', ?, 'statusReason', ?, 'attachedAt', coalesce(?, json_extract(record, '$.attachedAt'))
                )) WHERE id = ?
                """, arguments: [status.rawValue, reason, attachedAt, networkInterfaceID])
        try append(event)
        return true
    }

    /// What is told of an ENI whose status changes; nil where there is none.
    func event(
        of networkInterfaceID: String, becoming status: AttachmentStatus, because reason: String? = nil
    ) throws -> EventRecord? {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT status, task_id, json_extract(record, '$.sandbox.key') FROM network_interfaces WHERE id = ?
                    """), arguments: [networkInterfaceID])
        guard let row else { return nil }
        let key = try (row[2] as String?).map { try decode(SandboxRecord.Key.self, $0) }
        return EventRecord(
            .attachment, subject: networkInterfaceID, taskID: row[1], from: row[0], to: status.rawValue,
            cause: reason ?? key.map { "\($0)" })
    }
}

// MARK: - The addresses' turn

extension StoreTransaction {
    /// Whose turn it is in a subnet.
    func turn(of subnetID: String) throws -> AddressPools.Turn {
        AddressPools.Turn(
            handedOut: try lastAddresses(of: subnetID), givenBack: try releasedAddresses(subnetID: subnetID))
    }

    /// The last address of each family that was handed out of a subnet.
    func lastAddresses(of subnetID: String) throws -> [IPAddress] {
        try IPFamily.allCases.compactMap { family in
            try metadata(Self.lastAddressKey(subnetID, family)).flatMap { IPAddress($0) }
        }
    }

    /// Notes that an address was handed out: the next daemon goes on after it.
    func setLastAddress(_ lease: AddressLease) throws {
        try setMetadata(Self.lastAddressKey(lease.subnetID, lease.address.family), lease.address.description)
    }

    private static func lastAddressKey(_ subnetID: String, _ family: IPFamily) -> String {
        "last \(family) address of \(subnetID)"
    }
}

// MARK: - The host's side

extension StoreTransaction {
    private static let hostNetworkPlanKey = "host network plan"

    /// What may be in the kernel for the subnets; nil where nothing is, or what an earlier version of the daemon wrote
    /// cannot be read any more.
    func hostNetworkPlan() throws -> HostNetworkPlan? {
        try metadata(Self.hostNetworkPlanKey).flatMap { try? decode(HostNetworkPlan.self, $0) }
    }

    func setHostNetworkPlan(_ plan: HostNetworkPlan) throws {
        try setMetadata(Self.hostNetworkPlanKey, try encode(plan))
    }
}

extension Timestamp {
    /// As records have it: seconds, whole where they are.
    fileprivate var number: DatabaseValue {
        millisecondsSince1970.isMultiple(of: 1000)
            ? (millisecondsSince1970 / 1000).databaseValue : secondsSince1970.databaseValue
    }
}
