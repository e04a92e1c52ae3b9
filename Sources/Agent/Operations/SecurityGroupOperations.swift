// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Firewall
import Netfilter
import VPC

/// EC2's operations on security groups and prefix lists.
struct SecurityGroupOperations: AgentPart {
    let context: AgentContext
    let groups: SecurityGroupService

    private var configuration: AgentConfiguration { context.configuration.value }

    func register(in dispatcher: inout APIDispatcher) {
        dispatcher.register(TaskNetworkAPI.CreateSecurityGroup.self) { input, _ in
            .init(groupId: try await groups.create(input).id)
        }
        dispatcher.register(TaskNetworkAPI.DeleteSecurityGroup.self) { input, _ in
            .init(groupId: try await groups.delete(input).id)
        }
        dispatcher.register(TaskNetworkAPI.DescribeSecurityGroups.self) { input, _ in try await describe(input) }
        dispatcher.register(TaskNetworkAPI.DescribeSecurityGroupRules.self) { input, _ in try await describe(input) }
        dispatcher.register(TaskNetworkAPI.AuthorizeSecurityGroupIngress.self) { input, _ in
            try await authorize(.ingress, input)
        }
        dispatcher.register(TaskNetworkAPI.AuthorizeSecurityGroupEgress.self) { input, _ in
            try await authorize(.egress, input)
        }
        dispatcher.register(TaskNetworkAPI.RevokeSecurityGroupIngress.self) { input, _ in
            try await revoke(.ingress, input)
        }
        dispatcher.register(TaskNetworkAPI.RevokeSecurityGroupEgress.self) { input, _ in
            try await revoke(.egress, input)
        }
        dispatcher.register(TaskNetworkAPI.ModifyNetworkInterfaceAttribute.self) { input, _ in
            try await groups.modify(input)
            return .init()
        }
        dispatcher.register(TaskNetworkAPI.DescribePacketFilter.self) { _, _ in
            .init(drift: try await groups.packetFilterDrift())
        }
        dispatcher.register(TaskNetworkAPI.DescribeManagedPrefixLists.self) { input, _ in
            let model = try await groups.model()
            let lists = try input.select(in: model.references)
            return .init(
                prefixLists: lists.map { PrefixListDescription($0, accountID: model.configuration.accountID) })
        }
    }

    private func authorize(
        _ direction: SecurityGroupRule.Direction, _ input: TaskNetworkAPI.AuthorizeSecurityGroupInput
    ) async throws -> TaskNetworkAPI.AuthorizeSecurityGroupOutput {
        let (group, rules) = try await groups.authorize(direction, input)
        return .init(securityGroupRules: describe(rules, of: group))
    }

    private func revoke(
        _ direction: SecurityGroupRule.Direction, _ input: TaskNetworkAPI.RevokeSecurityGroupInput
    ) async throws -> TaskNetworkAPI.RevokeSecurityGroupOutput {
        let (group, rules) = try await groups.revoke(direction, input)
        return .init(revokedSecurityGroupRules: describe(rules, of: group))
    }

    private func describe(
        _ rules: [SecurityGroupRule], of group: SecurityGroup
    ) -> [SecurityGroupRuleDescription] {
        rules.map { SecurityGroupRuleDescription($0, groupID: group.id, accountID: configuration.accountID) }
    }

    private func describe(
        _ input: TaskNetworkAPI.DescribeSecurityGroups.Input
    ) async throws -> TaskNetworkAPI.DescribeSecurityGroups.Output {
        let model = try await groups.model()
        let found = try input.select(in: model.references)
        let counters = await groups.counters()
        return .init(securityGroups: found.map { model.describe($0, counters) })
    }

    private func describe(
        _ input: TaskNetworkAPI.DescribeSecurityGroupRules.Input
    ) async throws -> TaskNetworkAPI.DescribeSecurityGroupRules.Output {
        let model = try await groups.model()
        let found = try input.select(in: model.securityGroups)
        let counters = await groups.counters()
        let descriptions = found.map { group, rule in
            var description = SecurityGroupRuleDescription(
                rule, groupID: group.id, accountID: model.configuration.accountID)
            description.packets = counters?.rules[rule.id]?.packets
            description.bytes = counters?.rules[rule.id]?.bytes
            return description
        }
        return .init(securityGroupRules: descriptions)
    }
}

extension NetworkModel {
    fileprivate func describe(_ group: SecurityGroup, _ counters: FirewallCounters?) -> SecurityGroupDescription {
        var description = SecurityGroupDescription(group, accountID: configuration.accountID)
        description.ruleCounters = counters.map { counters in
            group.rules.map { rule in
                let counter = counters.rules[rule.id]
                return SecurityGroupDescription.RuleCounter(
                    securityGroupRuleId: rule.id, isEgress: rule.direction == .egress,
                    packets: counter?.packets ?? 0, bytes: counter?.bytes ?? 0)
            }
        }
        let members = interfaces.filter { groupIDs(of: $0.networkInterface).contains(group.id) }
        description.networkInterfaceCount = members.count
        description.unenforcedNetworkInterfaceCount = members.count { counters == nil || $0.kind != .veth }
        description.includesHost = configuration.hostSecurityGroupIDs.contains(group.id)
        description.isConfigured = isConfigured(group)
        return description
    }

    /// With what the firewall knows of it.
    /// - Parameters:
    ///   - counters: nil where they were not asked for, or nothing counts.
    ///   - isEnforced: whether the packet filter has what it ought to.
    func describe(
        _ record: NetworkInterfaceRecord, _ counters: FirewallCounters? = nil, isEnforced: Bool = true
    ) -> NetworkInterfaceDescription {
        var description = configuration.describe(record)
        description.securityGroups = groupIDs(of: record.networkInterface).map { id in
            GroupIdentifier(groupId: id, groupName: securityGroups.first { $0.id == id }?.name)
        }
        description.enforced = record.kind == .veth && isEnforced
        if record.kind == .veth, let name = description.hostInterfaceName, let found = counters?.interfaces[name] {
            description.drops = DropCounters(found)
        }
        return description
    }
}

extension DropCounters {
    fileprivate init(_ counters: FirewallCounters.InterfaceCounters) {
        self.init()
        spoofed = Counter(counters.spoofed)
        deniedEgress = Counter(counters.deniedEgress)
        deniedIngress = Counter(counters.deniedIngress)
    }
}

extension DropCounters.Counter {
    fileprivate init(_ counter: Netfilter.Counter) { self.init(packets: counter.packets, bytes: counter.bytes) }
}
