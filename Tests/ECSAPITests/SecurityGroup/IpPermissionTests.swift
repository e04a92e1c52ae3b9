// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Testing
import VPC

@Suite struct IpPermissionTests {
    static let web = SecurityGroup(
        id: "sg-00000000000000001", name: "web", groupDescription: "web", vpcID: "vpc-1")
    static let office = PrefixList(id: "pl-00000000000000001", name: "office", entries: [])
    static let references = SecurityGroupReferences(
        securityGroups: [web], prefixLists: [office], accountID: "1")

    private func rules(_ text: String) throws -> [SecurityGroupRule] {
        try JSONText.decode([IpPermission].self, text).rules(
            .ingress, groupID: Self.web.id, references: Self.references)
    }

    private func failure(_ text: String) -> String? {
        do {
            _ = try rules(text)
            return nil
        } catch {
            return "\(error)"
        }
    }

    @Test func oneRuleForEachPeer() throws {
        let rules = try rules(
            #"""
            [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 90,
              "IpRanges": [{"CidrIp": "10.1.2.3/8", "Description": "all of us"}, {"CidrIp": "192.0.2.0/24"}],
              "Ipv6Ranges": [{"CidrIpv6": "2001:db8::1/32"}],
              "UserIdGroupPairs": [{"GroupId": "sg-00000000000000001", "UserId": "1", "VpcId": "vpc-1"},
                                   {"GroupName": "web"}],
              "PrefixListIds": [{"PrefixListId": "office"}]},
             {"ipProtocol": -1, "fromPort": -1, "toPort": -1, "ipRanges": [{"cidrIp": "0.0.0.0/0"}]},
             {"IpProtocol": "udp", "FromPort": -1, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]},
             {"IpProtocol": "1", "FromPort": 8, "ToPort": -1, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]
            """#)
        #expect(
            rules.map(\.summary) == [
                "tcp ports 80-90 from 10.0.0.0/8", "tcp ports 80-90 from 192.0.2.0/24",
                "tcp ports 80-90 from 2001:db8::/32", "tcp ports 80-90 from sg-00000000000000001",
                "tcp ports 80-90 from sg-00000000000000001", "tcp ports 80-90 from pl-00000000000000001",
                "all traffic from 0.0.0.0/0", "udp from 0.0.0.0/0", "icmp type 8 from 0.0.0.0/0",
            ])
        #expect(rules[0].ruleDescription == "all of us")
        #expect(rules.allSatisfy { ResourceID.isValid($0.id, prefix: "sgr") && $0 == $0 })
        #expect(rules[0].id == rules[0].derivedID(groupID: Self.web.id))
    }

    @Test func describedAsEC2Does() throws {
        let text = #"""
            [{"FromPort":80,"IpProtocol":"tcp","IpRanges":[{"CidrIp":"10.0.0.0/8","Description":"x"},{"CidrIp":"192.0.2.0/24"}],\#
            "Ipv6Ranges":[{"CidrIpv6":"::/0"}],"PrefixListIds":[{"PrefixListId":"pl-00000000000000001"}],"ToPort":90,\#
            "UserIdGroupPairs":[{"GroupId":"sg-00000000000000001"}]},\#
            {"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}],"Ipv6Ranges":[],"PrefixListIds":[],"UserIdGroupPairs":[]},\#
            {"FromPort":-1,"IpProtocol":"icmp","IpRanges":[{"CidrIp":"0.0.0.0/0"}],"Ipv6Ranges":[],"PrefixListIds":[],\#
            "ToPort":-1,"UserIdGroupPairs":[]},\#
            {"IpProtocol":"50","IpRanges":[{"CidrIp":"0.0.0.0/0"}],"Ipv6Ranges":[],"PrefixListIds":[],"UserIdGroupPairs":[]}]
            """#
        let first = try rules(text)
        #expect(try JSONText.encode([IpPermission](first)) == text)
        // In any order of the rules each comes back.
        let again = try [IpPermission](first.reversed()).rules(
            .ingress, groupID: Self.web.id, references: Self.references)
        #expect(Set(again) == Set(first))
        #expect([IpPermission](first, accountID: "1")[0].userIdGroupPairs[0].userId == "1")
    }

    @Test(arguments: [
        ("[]", "must contain the parameter IpPermissions; give at least one (ErrorCode: MissingParameter)"),
        (#"[{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1}]"#, "InvalidPermission.Malformed"),
        (#"[{"IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]"#, "parameter IpProtocol; it is tcp, udp, icmp"),
        (#"[{"IpProtocol": "sctp", "IpRanges": []}]"#, "or -1 for all (ErrorCode: InvalidParameterValue)"),
        (#"[{"IpProtocol": "256", "IpRanges": []}]"#, "Unknown protocol"),
        (#"[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0"}]}]"#, "CidrIp: the prefix length"),
        (#"[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "::/0"}]}]"#, "CidrIpv6 takes the other"),
        (#"[{"IpProtocol": "-1", "IpRanges": [{}]}]"#, "CIDR block '' is malformed"),
        (#"[{"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "10.0.0.0/8"}]}]"#, "CidrIp takes the other"),
        (
            #"[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "db"}]}]"#,
            "'db' does not exist; there are: sg-00000000000000001 (web) (ErrorCode: InvalidGroup.NotFound)"
        ),
        (
            #"[{"IpProtocol": "-1", "UserIdGroupPairs": [{}]}]"#,
            "name the security group by GroupId or GroupName (ErrorCode: MissingParameter)"
        ),
        (
            #"[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "web", "GroupName": "x"}]}]"#,
            "InvalidParameterCombination"
        ),
        (#"[{"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": "pl-9"}]}]"#, "InvalidPrefixListID.NotFound"),
        (
            #"[{"IpProtocol": "tcp", "FromPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]"#,
            "both FromPort and ToPort"
        ),
        (#"[{"IpProtocol": "tcp", "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]"#, "both FromPort and ToPort"),
        (
            #"[{"IpProtocol": "udp", "FromPort": null, "ToPort": null, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]"#,
            "both FromPort and ToPort are needed with udp; for one port give it twice, for all give 0 and 65535"
        ),
        (#"[{"IpProtocol": "tcp", "FromPort": -1, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}]"#, "'-1'"),
        (#"[{"IpProtocol": "tcp", "FromPort": "22:23", "ToPort": 80}]"#, "Invalid value '22:23' for FromPort of [0]"),
        (#"[{"IpProtocol": "tcp", "ipProtocol": "udp"}]"#, "rotocol of [0] is given twice"),
        (#"[{"IpProtocol": "+6", "FromPort": 1, "ToPort": 1}]"#, "Unknown protocol"),
        (
            #"[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupName": "web", "UserId": "999999999999"}]}]"#,
            "'web' of account '999999999999' does not exist; UserId is 1 here"
        ),
        (
            #"[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupName": "web", "VpcId": "vpc-2"}]}]"#,
            "The vpc ID 'vpc-2' does not exist; VpcId is vpc-1 here"
        ),
        (#"[{"IpProtocol": "tcp", "Ports": 80}]"#, "Ports of [0] is not recognized; there are: IpProtocol, FromPort"),
        (#"[{"IpProtocol": "tcp", "IpRanges": [{"Cidr": "x"}]}]"#, "Cidr of [0].IpRanges[0] is not recognized"),
    ])
    func refused(text: String, part: String) {
        let message = failure(text) ?? ""
        #expect(message.contains(part), "\(message)")
    }
}
