// SPDX-License-Identifier: Apache-2.0
import Addressing
import VPC

/// A security group of the file, whose rules may name groups that stand behind it.
struct SecurityGroupDraft {
    /// Without rules.
    var group: SecurityGroup
    private var permissions: [SecurityGroupRule.Direction: ConfigurationValue] = [:]

    init(_ value: ConfigurationValue, vpcID: String) throws(ConfigurationProblem) {
        let known = ["id", "name", "description", "ipPermissions", "ipPermissionsEgress"]
        let members = try value.members(known: known)
        guard let name = try members["name"]?.string() else {
            throw value.problem("has no name", "add one such as name: web")
        }
        group = SecurityGroup(
            id: try members["id"]?.string() ?? SecurityGroup.derivedID(name, vpcID: vpcID), name: name,
            groupDescription: try members["description"]?.string() ?? name, vpcID: vpcID)
        permissions[.ingress] = members["ipPermissions"]
        permissions[.egress] = members["ipPermissionsEgress"]
    }

    /// The group with its rules: where the file says nothing of a direction, those that EC2 would begin with.
    func group(_ names: RuleNames) -> (group: SecurityGroup, problems: [ConfigurationProblem]) {
        var group = group
        var problems: [ConfigurationProblem] = []
        for direction in SecurityGroupRule.Direction.allCases {
            guard let given = permissions[direction] else {
                group.rules += group.initialRules(direction)
                continue
            }
            do throws(ConfigurationProblem) {
                for permission in try given.elements() {
                    do throws(ConfigurationProblem) {
                        group.rules += try rules(permission, direction, names)
                    } catch {
                        problems.append(error)
                    }
                }
            } catch {
                problems.append(error)
            }
        }
        return (group, problems)
    }

    /// One `IpPermission`: as many rules as it has peers.
    private func rules(
        _ value: ConfigurationValue, _ direction: SecurityGroupRule.Direction, _ names: RuleNames
    ) throws(ConfigurationProblem) -> [SecurityGroupRule] {
        let members = try value.members(
            known: ["ipProtocol", "fromPort", "toPort", "ipRanges", "ipv6Ranges", "userIdGroupPairs", "prefixListIds"])
        guard let ipProtocol = try members["ipProtocol"].map(Self.ipProtocol) else {
            throw value.problem("has no ipProtocol", "add one such as ipProtocol: tcp, or \"-1\" for all")
        }
        var peers: [(peer: SecurityGroupRule.Peer, text: String?)] = []
        func add(
            _ list: String, _ member: String,
            _ peer: (ConfigurationValue) throws(ConfigurationProblem) -> SecurityGroupRule.Peer
        ) throws(ConfigurationProblem) {
            for element in try members[list]?.elements() ?? [] {
                let entry = try element.members(known: [member, "description"])
                guard let named = entry[member] else { throw element.problem("has no \(member)", "add one") }
                peers.append((try peer(named), try entry["description"]?.string()))
            }
        }
        try add("ipRanges", "cidrIp") { value throws(ConfigurationProblem) in
            .ipv4(try value.parsedBlock(IPv4CIDRBlock.init(parsing:), example: "10.64.1.0/24"))
        }
        try add("ipv6Ranges", "cidrIpv6") { value throws(ConfigurationProblem) in
            .ipv6(try value.parsedBlock(IPv6CIDRBlock.init(parsing:), example: "fd00:64:0:1::/64"))
        }
        try add("userIdGroupPairs", "groupId") { value throws(ConfigurationProblem) in .group(try names.groupID(value))
        }
        try add("prefixListIds", "prefixListId") { value throws(ConfigurationProblem) in
            .prefixList(try names.prefixListID(value))
        }
        guard !peers.isEmpty else {
            throw value.problem(
                "allows nobody", "name peers in ipRanges, ipv6Ranges, userIdGroupPairs or prefixListIds")
        }
        let from = try members["fromPort"].map(Self.number)
        let to = try members["toPort"].map(Self.number)
        var rules: [SecurityGroupRule] = []
        for (peer, text) in peers {
            do throws(ValidationFailure) {
                var rule = SecurityGroupRule(
                    id: "", direction: direction, ipProtocol: ipProtocol, fromPort: from, toPort: to, peer: peer,
                    ruleDescription: text)
                rule = try rule.canonical()
                rule.id = rule.derivedID(groupID: group.id)
                rules.append(rule)
            } catch {
                throw value.problem(error.message, error.detail ?? "")
            }
        }
        return rules
    }

    private static func ipProtocol(_ value: ConfigurationValue) throws(ConfigurationProblem) -> IPProtocol {
        try value.parsed(as: "a protocol", example: "tcp, udp, icmp, icmpv6, a number, or \"-1\" for all") {
            IPProtocol($0)
        }
    }

    private static func number(_ value: ConfigurationValue) throws(ConfigurationProblem) -> Int {
        try value.parsed(as: "a port", example: "a number, or -1 for all") { Int($0) }
    }
}
