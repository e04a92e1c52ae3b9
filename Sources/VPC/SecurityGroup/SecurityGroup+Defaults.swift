// SPDX-License-Identifier: Apache-2.0
import Addressing

extension SecurityGroup {
    /// The name of the group that every VPC has; no other group may have it.
    package static let defaultName = "default"

    /// The group of whoever names none: its members hear each other, and may speak to anyone. Its id follows from the
    /// VPC's.
    package static func `default`(vpcID: String) -> SecurityGroup {
        let id = ResourceID.derived("sg", from: "\(vpcID)/\(defaultName)")
        let members = SecurityGroupRule(
            groupID: id, direction: .ingress, ipProtocol: .all, peer: .group(id))
        return SecurityGroup(
            id: id, name: defaultName, groupDescription: "default VPC security group", vpcID: vpcID,
            rules: [members] + defaultEgressRules(groupID: id))
    }

    /// What EC2 gives a new group: it may speak to anyone, by IPv4 and by IPv6.
    package static func defaultEgressRules(groupID: String) -> [SecurityGroupRule] {
        let peers: [SecurityGroupRule.Peer?] = [
            IPv4CIDRBlock(network: .any, prefixLength: 0).map { .ipv4($0) },
            IPv6CIDRBlock(network: .any, prefixLength: 0).map { .ipv6($0) },
        ]
        return peers.compactMap(\.self).map {
            SecurityGroupRule(groupID: groupID, direction: .egress, ipProtocol: .all, peer: $0)
        }
    }
}

extension SecurityGroupRule {
    /// What a rule says, without its id and its description: a group has each of these once.
    package struct Permission: Hashable, Sendable {
        package var direction: Direction
        package var ipProtocol: IPProtocol
        package var fromPort: Int?
        package var toPort: Int?
        package var peer: Peer
    }

    package var permission: Permission {
        Permission(direction: direction, ipProtocol: ipProtocol, fromPort: fromPort, toPort: toPort, peer: peer)
    }

    /// A rule whose id follows from its group and from what it says, for rules that are only written in a
    /// configuration: it keeps its id, and so its counters, over restarts and when others are added around it.
    package init(
        groupID: String, direction: Direction, ipProtocol: IPProtocol, fromPort: Int? = nil, toPort: Int? = nil,
        peer: Peer, ruleDescription: String? = nil
    ) {
        self.init(
            id: "", direction: direction, ipProtocol: ipProtocol, fromPort: fromPort, toPort: toPort, peer: peer,
            ruleDescription: ruleDescription)
        id = derivedID(groupID: groupID)
    }

    /// The id that follows from the group and from what the rule says.
    package func derivedID(groupID: String) -> String {
        let ports = [fromPort, toPort].map { $0.map(String.init) ?? "*" }.joined(separator: "-")
        return ResourceID.derived("sgr", from: "\(groupID)/\(direction.rawValue)/\(ipProtocol)/\(ports)/\(peer)")
    }
}
