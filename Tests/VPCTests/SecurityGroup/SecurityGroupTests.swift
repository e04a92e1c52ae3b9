// SPDX-License-Identifier: Apache-2.0
import Addressing
import Testing
import VPC

@Suite struct SecurityGroupTests {
    private func rule(
        _ ipProtocol: IPProtocol, _ from: Int?, _ to: Int?, _ block: String = "10.0.0.0/8", text: String? = nil
    ) throws -> SecurityGroupRule {
        let peer: SecurityGroupRule.Peer =
            switch try CIDRBlock(parsing: block) {
            case .v4(let block): .ipv4(block)
            case .v6(let block): .ipv6(block)
            }
        return SecurityGroupRule(
            groupID: SampleNetwork.web, direction: .ingress, ipProtocol: ipProtocol, fromPort: from, toPort: to,
            peer: peer,
            ruleDescription: text)
    }

    private func ports(_ rule: SecurityGroupRule) -> [Int?] { [rule.fromPort, rule.toPort] }

    @Test func canonicalForms() throws {
        #expect(try ports(rule(.tcp, nil, nil).canonical()) == [0, 65535])
        #expect(try ports(rule(.tcp, 80, 80).canonical()) == [80, 80])
        #expect(try ports(rule(.icmp, -1, -1).canonical()) == [nil, nil])
        #expect(try ports(rule(.icmp, 8, -1).canonical()) == [8, nil])
        #expect(try ports(rule(.icmp, 3, 4).canonical()) == [3, 4])
        #expect(try ports(rule(.all, 1, 2).canonical()) == [nil, nil])
        #expect(try ports(rule(.other(50), 1, 2).canonical()) == [nil, nil])
        #expect(try rule(.tcp, 1, 2, text: "").canonical().ruleDescription == nil)
    }

    @Test func refusedRules() throws {
        let cases: [(SecurityGroupRule, String)] = [
            (try rule(.tcp, 80, nil), "both FromPort and ToPort"), (try rule(.udp, -1, -1), "'-1'"),
            (try rule(.tcp, 80, 65536), "'65536'"), (try rule(.tcp, 90, 80), "(90) is over the last (80)"),
            (try rule(.icmp, 256, -1), "'256' for icmp type"), (try rule(.icmp, -1, 0), "no"),
            (try rule(.icmp, 1, 2, "::/0"), "icmpv6 for IPv6"), (try rule(.icmpv6, 1, 2), "icmp for IPv4"),
            (try rule(.tcp, 1, 2, text: "a\nb"), "description"),
            (try rule(.tcp, 1, 2, text: String(repeating: "a", count: 256)), "description"),
        ]
        for (rule, part) in cases {
            let failure = #expect(throws: ValidationFailure.self) { try rule.canonical() }
            #expect(failure?.description.hasSuffix(" (ErrorCode: InvalidParameterValue)") == true)
            #expect(failure?.description.contains(part) == true, "\(failure?.description ?? "")")
        }
        let group = SecurityGroupRule(
            groupID: "g", direction: .egress, ipProtocol: .all, peer: .group("sg-x\";"))
        #expect(throws: ValidationFailure.self) { try group.canonical() }
        let list = SecurityGroupRule(groupID: "g", direction: .egress, ipProtocol: .all, peer: .prefixList("web"))
        #expect(throws: ValidationFailure.self) { try list.canonical() }
    }

    @Test func idsFollowFromWhatRulesSay() throws {
        let first = try rule(.tcp, 80, 80)
        #expect(ResourceID.isValid(first.id, prefix: "sgr"))
        #expect(try rule(.tcp, 80, 80, text: "other").id == first.id)
        #expect(try rule(.tcp, 80, 81).id != first.id)
        #expect(try rule(.udp, 80, 80).id != first.id)
        #expect(first.derivedID(groupID: SampleNetwork.data) != first.id)
    }

    @Test func defaults() throws {
        let group = SecurityGroup.default(vpcID: "vpc-1")
        try group.validate()
        #expect(group == SecurityGroup.default(vpcID: "vpc-1") && group.id != SecurityGroup.default(vpcID: "vpc-2").id)
        #expect(
            group.rules.map(\.summary)
                == ["all traffic from \(group.id)", "all traffic to 0.0.0.0/0", "all traffic to ::/0"])
    }

    @Test func authorizeAndRevoke() throws {
        var group = SampleNetwork.group(SampleNetwork.web, "web", [])
        try group.authorize([try rule(.tcp, nil, nil), try rule(.icmp, 8, -1)])
        let before = group
        func failure(_ body: (inout SecurityGroup) throws -> Void) -> String? {
            let error = #expect(throws: ValidationFailure.self) { try body(&group) }
            #expect(group == before)
            return error?.description
        }
        #expect(
            failure { try $0.authorize([try rule(.udp, 1, 1), try rule(.tcp, 0, 65535, text: "again")]) }
                == """
                the specified rule "tcp from 10.0.0.0/8" already exists; security group \(group.label) has it, or it was \
                given twice: leave it out (ErrorCode: InvalidPermission.Duplicate)
                """)
        #expect(
            failure { try $0.authorize([try rule(.udp, 1, 1), try rule(.udp, 1, 1)]) }?.contains("Duplicate") == true)
        #expect(
            failure {
                try $0.authorize([try rule(.udp, 1, 1)], limits: SecurityGroupLimits(rulesPerGroup: 2))
            } == """
                The maximum number of rules per security group has been reached; security group \(group.label) would \
                have 3 ingress rules, at most 2 are allowed: join rules, or raise rulesPerSecurityGroup \
                (ErrorCode: RulesPerSecurityGroupLimitExceeded)
                """)
        #expect(
            failure { try $0.revoke([try rule(.icmp, 8, nil), try rule(.udp, 1, 1)]) } == """
                The specified rule "udp port 1 from 10.0.0.0/8" does not exist in this security group; security group \
                \(group.label) (ErrorCode: InvalidPermission.NotFound)
                """)
        // Full in one direction, the group takes rules of the other.
        var full = group
        full.rules = group.rules(.ingress)
        try full.authorize(
            [SecurityGroupRule(groupID: group.id, direction: .egress, ipProtocol: .tcp, peer: .group(group.id))],
            limits: SecurityGroupLimits(rulesPerGroup: 1))
        #expect(full.rules(.ingress).count == 2 && full.rules(.egress).count == 1)
        let removed = try group.revoke([try rule(.icmp, 8, nil), try rule(.tcp, nil, nil)])
        #expect(removed.map(\.ipProtocol) == [.icmp, .tcp])
        #expect(group.rules(.ingress) == [] && group.rules(.egress).count == 2)
    }

    @Test(arguments: ["+6", "006", "6 ", "", "256", "-0", "sctp"])
    func noProtocols(text: String) {
        #expect(IPProtocol(text) == nil)
    }

    @Test func textsAreTold() {
        let name = #expect(throws: ValidationFailure.self) { try SecurityGroup.validate(name: "") }
        #expect(name?.description.contains("; it is 1 to 255 letters, digits, spaces and ") == true)
        let text = #expect(throws: ValidationFailure.self) { try SecurityGroup.validate(groupDescription: "\n") }
        #expect(text?.description.contains("; it is at most 255 letters, digits, spaces and ") == true)
    }

    @Test(arguments: ["web", "a b", "._-:/()#,@[]+=&;{}!$*", String(repeating: "a", count: 255), "Default"])
    func names(name: String) throws {
        try SecurityGroup.validate(name: name)
    }

    @Test(arguments: [
        "", " a", "a ", "sg-1", "default", "ä", "a\"b", "a\nb", "a\\b", String(repeating: "a", count: 256),
    ])
    func refusedNames(name: String) {
        #expect(throws: ValidationFailure.self) { try SecurityGroup.validate(name: name) }
    }

    @Test func groupsByThemselves() throws {
        var group = SampleNetwork.group(SampleNetwork.web, "web", [try rule(.tcp, 80, 80)])
        try group.validate()
        group.rules.append(group.rules[0])
        #expect(throws: ValidationFailure.self) { try group.validate() }
        group.rules.removeLast()
        group.rules[0].id = "sgr-1"
        #expect(throws: ValidationFailure.self) { try group.validate() }
        group.rules = []
        group.id = "web"
        #expect(throws: ValidationFailure.self) { try group.validate() }
    }
}
