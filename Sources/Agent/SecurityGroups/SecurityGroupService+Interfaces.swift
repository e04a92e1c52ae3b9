// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Firewall
import Logging
import TaskNetworking
import VPC

extension SecurityGroupService {
    /// The ids of the groups that somebody names for a new ENI, by id or name; `default` where there are none.
    /// - Throws: `ValidationFailure` with EC2's code.
    func resolve(_ names: [String]?) async throws -> [String] {
        let configuration = configuration
        guard let names, !names.isEmpty else { return configuration.defaultGroupIDs }
        let model = try await groups()
        return try model.references.securityGroupIDs(names, limits: configuration.securityGroupLimits)
    }

    /// Messages with the ids of their groups in the place of names.
    /// - Parameter ids: of one that names none; nil for `default`.
    func resolve(
        _ messages: [ElasticNetworkInterface], otherwise ids: [String]? = nil
    ) async throws -> [ElasticNetworkInterface] {
        var resolved = messages
        for index in messages.indices {
            let named = messages[index].securityGroups
            resolved[index].securityGroups =
                if named?.isEmpty ?? true, let ids { ids } else { try await resolve(named) }
        }
        return resolved
    }

    /// The link group that a veth's end on the host is born with; nil for other kinds of ENIs.
    func linkGroup(of record: NetworkInterfaceRecord) async throws -> UInt32? {
        guard record.kind == .veth else { return nil }
        return try await inTurn {
            let ids = try await groups().groupIDs(of: record.networkInterface)
            return try await change { try $0.linkGroup(of: ids) }
        }
    }

    /// Lets an ENI's traffic in, as far as its groups do: to be done before its link can carry any.
    /// - Returns: the link group that it must have now; nil for an ENI that does not cross the host's stack.
    @discardableResult
    func admit(_ record: NetworkInterfaceRecord) async throws -> UInt32? {
        try await inTurn {
            // Its groups may have been changed since the caller read it.
            let (model, now) = try await groups(of: record)
            guard let interface = model.firewallInterface(now) else {
                let member = model.firewallMember(now)
                if member.securityGroupIDs != configuration.defaultGroupIDs {
                    log.notice(
                        """
                        the ENI's security groups are not enforced: a \(record.kind.rawValue) does not cross the host's \
                        packet filter, so only others' rules that name these groups know of it
                        """, metadata: ["eni": "\(record.id)"])
                }
                do {
                    try await change { try $0.add(member) }
                    admitted.insert(record.id)
                } catch {
                    // It goes by without the host's firewall, and can do so where that is not.
                    log.warning(
                        "ENI is no member of its groups", metadata: ["eni": "\(record.id)", "error": "\(error)"])
                }
                return nil
            }
            let linkGroup = try await change { firewall in
                try firewall.add(interface)
                return try firewall.linkGroup(of: interface.securityGroupIDs)
            }
            admitted.insert(record.id)
            return linkGroup
        }
    }

    /// Forgets ENIs whose networks are gone, before somebody else can get their addresses.
    ///
    /// - Parameter body: has the store forget them. In the same turn: what is made true as a whole comes before both, or
    ///   after.
    func forget<Result: Sendable>(
        _ records: [NetworkInterfaceRecord], _ body: @Sendable () async throws -> Result
    ) async throws -> Result {
        try await inTurn {
            for record in records { await remove(record) }
            await traced(.connections) { await endConnections(of: records) }
            return try await body()
        }
    }

    private func remove(_ record: NetworkInterfaceRecord) async {
        admitted.remove(record.id)
        // What is made true as a whole has no place for it then.
        guard isApplied else { return }
        do {
            let (model, now) = try await groups(of: record)
            if let interface = model.firewallInterface(now) {
                try await change { try $0.remove(interface) }
            } else {
                let member = model.firewallMember(now)
                try await change { try $0.remove(member) }
            }
        } catch {
            // Whoever has its addresses next must not be in them.
            applyAllFirst()
            log.warning(
                "ENI not taken from its groups; it is before the next change",
                metadata: ["eni": "\(record.id)", "error": "\(error)"])
        }
    }

    /// Puts an ENI into other groups, while it runs.
    /// - Throws: `ValidationFailure` with EC2's code.
    func modify(_ input: TaskNetworkAPI.ModifyNetworkInterfaceAttribute.Input) async throws {
        let configuration = configuration
        try await inTurn {
            let model = try await groups()
            let found = try await store.read { try $0.networkInterface(id: input.networkInterfaceId) }
            let ids = try input.groupIDs(in: model.references, limits: configuration.securityGroupLimits)
            guard let record = found, !record.isOver else { throw Self.noInterface(input.networkInterfaceId) }
            try await set(ids, of: record, model)
        }
        try await endRevokedConnections()
    }

    private func set(_ ids: [String], of record: NetworkInterfaceRecord, _ model: NetworkModel) async throws {
        let interface = model.firewallInterface(record)
        // First of all: a combination that nobody is in yet lets nothing through, and the intent says its number.
        let linkGroups = try await linkGroups(of: interface, in: ids)
        let (old, member) = (record.networkInterface.securityGroupIDs, model.firewallMember(record))
        let newMember = model.firewallMember(record, groupIDs: ids)
        try await journal.make(
            .networkInterfaceGroups,
            intent: { try $0.setGroups(ids, linkGroup: linkGroups?.new, of: record.id) },
            kernel: { _, _ in
                try await change { firewall in
                    if let interface { return try firewall.setGroups(of: interface, to: ids) }
                    try firewall.remove(member)
                    try firewall.add(newMember)
                }
            },
            refused: { store, _ in try store.setGroups(old, linkGroup: linkGroups?.old, of: record.id) },
            outcome: { _, _ in })
    }

    /// What the host's end has, and will have; nil for an ENI without one.
    private func linkGroups(
        of interface: FirewallInterface?, in ids: [String]
    ) async throws -> (old: UInt32, new: UInt32)? {
        guard let interface else { return nil }
        return try await change { firewall in
            (try firewall.linkGroup(of: interface.securityGroupIDs), try firewall.linkGroup(of: ids))
        }
    }

    private static func noInterface(_ id: String) -> ValidationFailure {
        ValidationFailure(
            .interfaceNotFound, "The networkInterface ID '\(id.shortened)' does not exist",
            detail: "tasknet eni list shows those that there are")
    }

    /// The link group that the packet filter knows an ENI by, whose host end has this name; nil where it knows none.
    func linkGroup(ofHostEnd name: String) async throws -> UInt32? {
        guard let firewall = enforcing else { return nil }
        return try await Blocking.run { firewall.linkGroup(ofInterface: name) }
    }

    /// The VPC without its ENIs.
    func groups() async throws -> NetworkModel {
        let configuration = configuration
        if let known = store.knownSecurityGroups { return NetworkModel(configuration, made: known) }
        return try await store.read { try $0.securityGroupModel(configuration) }
    }

    /// The same, and an ENI with the groups that it is in now.
    private func groups(
        of record: NetworkInterfaceRecord
    ) async throws -> (NetworkModel, NetworkInterfaceRecord) {
        let configuration = configuration
        return try await store.read { (try $0.securityGroupModel(configuration), try $0.withPresentGroups(record)) }
    }
}

extension StoreTransaction {
    /// - Parameter linkGroup: of the host's end.
    fileprivate func setGroups(_ ids: [String]?, linkGroup: UInt32?, of id: String) throws {
        let record = try updateNetworkInterface(id) { $0.networkInterface.securityGroupIDs = ids }
        if let linkGroup, let record { try setLinkGroup(linkGroup, of: record) }
    }

    /// Has the plans that make an ENI, and are compared with it, give the host's end this link group.
    func setLinkGroup(_ linkGroup: UInt32, of record: NetworkInterfaceRecord) throws {
        guard let hostName = record.networkInterface.hostInterfaceName else { return }
        if let task = record.taskID {
            let plans = try networkPlans(taskID: task).map { made in
                var made = made
                made.plan = made.plan.settingLinkGroup(linkGroup, of: hostName)
                return made
            }
            try setNetworkPlans(plans, taskID: task)
        } else if let plan = try sandboxPlan(networkInterfaceID: record.id) {
            try setSandboxPlan(plan.settingLinkGroup(linkGroup, of: hostName), networkInterfaceID: record.id)
        }
    }
}
