// SPDX-License-Identifier: Apache-2.0
import Addressing
package import VPC

/// A security group as EC2 describes it, with what only a host can count.
package struct SecurityGroupDescription: Hashable, Sendable, Codable {
    /// What a rule has decided. A rule counts the first packet of each connection that it lets through; the others
    /// belong to the connection.
    package struct RuleCounter: Hashable, Sendable, Codable {
        package var securityGroupRuleId: String
        package var isEgress: Bool
        package var packets: UInt64
        package var bytes: UInt64

        package init(securityGroupRuleId: String, isEgress: Bool, packets: UInt64, bytes: UInt64) {
            self.securityGroupRuleId = securityGroupRuleId
            self.isEgress = isEgress
            self.packets = packets
            self.bytes = bytes
        }

        private enum CodingKeys: String, CodingKey {
            case securityGroupRuleId = "SecurityGroupRuleId"
            case isEgress = "IsEgress"
            case packets = "Packets"
            case bytes = "Bytes"
        }
    }

    package var groupId: String
    package var groupName: String
    package var description: String
    package var vpcId: String?
    package var ownerId: String?
    package var ipPermissions: [IpPermission]
    package var ipPermissionsEgress: [IpPermission]

    // Ours, not EC2's.

    /// One for each rule; missing where the kernel was not asked.
    package var ruleCounters: [RuleCounter]?
    /// ENIs that are in the group.
    package var networkInterfaceCount: Int?
    /// Those among them whose kind does not cross the host's stack: members, but the group is not enforced on them.
    package var unenforcedNetworkInterfaceCount: Int?
    /// Whether the host itself is in the group.
    package var includesHost: Bool?
    /// Whether it stands in the configuration file, where alone it can be changed.
    package var isConfigured: Bool?

    package init(_ group: SecurityGroup, accountID: String? = nil) {
        groupId = group.id
        groupName = group.name
        description = group.groupDescription
        vpcId = group.vpcID
        ownerId = accountID
        ipPermissions = [IpPermission](group.rules(.ingress), accountID: accountID)
        ipPermissionsEgress = [IpPermission](group.rules(.egress), accountID: accountID)
    }

    private enum CodingKeys: String, CodingKey {
        case groupId = "GroupId"
        case groupName = "GroupName"
        case description = "Description"
        case vpcId = "VpcId"
        case ownerId = "OwnerId"
        case ipPermissions = "IpPermissions"
        case ipPermissionsEgress = "IpPermissionsEgress"
        case ruleCounters = "RuleCounters"
        case networkInterfaceCount = "NetworkInterfaceCount"
        case unenforcedNetworkInterfaceCount = "UnenforcedNetworkInterfaceCount"
        case includesHost = "IncludesHost"
        case isConfigured = "IsConfigured"
    }
}

/// A rule as EC2 describes it.
package struct SecurityGroupRuleDescription: Hashable, Sendable, Codable {
    package struct ReferencedGroup: Hashable, Sendable, Codable {
        package var groupId: String
        package var userId: String?

        package init(groupId: String, userId: String? = nil) {
            self.groupId = groupId
            self.userId = userId
        }

        private enum CodingKeys: String, CodingKey {
            case groupId = "GroupId"
            case userId = "UserId"
        }
    }

    package var securityGroupRuleId: String
    package var groupId: String
    package var groupOwnerId: String?
    package var isEgress: Bool
    package var ipProtocol: String
    /// -1 for all, as EC2 has it here for every protocol.
    package var fromPort: Int
    package var toPort: Int
    package var cidrIpv4: String?
    package var cidrIpv6: String?
    package var prefixListId: String?
    package var referencedGroupInfo: ReferencedGroup?
    package var description: String?

    // Ours, not EC2's.

    /// Of the connections that the rule let through, the first ones; missing where the kernel was not asked.
    package var packets: UInt64?
    package var bytes: UInt64?

    package init(_ rule: SecurityGroupRule, groupID: String, accountID: String? = nil) {
        securityGroupRuleId = rule.id
        groupId = groupID
        groupOwnerId = accountID
        isEgress = rule.direction == .egress
        ipProtocol = rule.ipProtocol.description
        (fromPort, toPort) = (rule.ec2Ports.from ?? -1, rule.ec2Ports.to ?? -1)
        description = rule.ruleDescription
        switch rule.peer {
        case .ipv4(let block): cidrIpv4 = block.description
        case .ipv6(let block): cidrIpv6 = block.description
        case .group(let id): referencedGroupInfo = ReferencedGroup(groupId: id, userId: accountID)
        case .prefixList(let id): prefixListId = id
        }
    }

    private enum CodingKeys: String, CodingKey {
        case securityGroupRuleId = "SecurityGroupRuleId"
        case groupId = "GroupId"
        case groupOwnerId = "GroupOwnerId"
        case isEgress = "IsEgress"
        case ipProtocol = "IpProtocol"
        case fromPort = "FromPort"
        case toPort = "ToPort"
        case cidrIpv4 = "CidrIpv4"
        case cidrIpv6 = "CidrIpv6"
        case prefixListId = "PrefixListId"
        case referencedGroupInfo = "ReferencedGroupInfo"
        case description = "Description"
        case packets = "Packets"
        case bytes = "Bytes"
    }
}
