// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Testing
import VPC

@Suite struct SecurityGroupAPITests {
    private typealias API = TaskNetworkAPI

    private var references: SecurityGroupReferences {
        let web = IpPermissionTests.web
        return SecurityGroupReferences(
            securityGroups: [.default(vpcID: "vpc-1"), web], prefixLists: [IpPermissionTests.office])
    }

    private func code(_ body: () throws -> Void) -> String? {
        let failure = #expect(throws: ValidationFailure.self, performing: body)
        return failure?.code?.rawValue
    }

    @Test func creation() throws {
        func code(_ text: String) throws -> String? {
            let input = try JSONText.decode(API.CreateSecurityGroup.Input.self, text)
            return self.code { try input.validate() }
        }
        try JSONText.decode(
            API.CreateSecurityGroup.Input.self, #"{"GroupName": "web", "Description": "d", "VpcId": "vpc-1"}"#
        ).validate()
        #expect(try code("{}") == "MissingParameter")
        #expect(try code(#"{"GroupName": "web"}"#) == "MissingParameter")
        #expect(try code(#"{"GroupName": "default", "Description": "d"}"#) == "InvalidGroup.Reserved")
        #expect(try code(#"{"GroupName": "sg-1", "Description": "d"}"#) == "InvalidParameterValue")
        #expect(try code(#"{"GroupName": "web", "Description": "\u0007"}"#) == "InvalidParameterValue")
        #expect(
            try JSONText.encode(API.CreateSecurityGroup.Output(groupId: "sg-1")) == #"{"GroupId":"sg-1"}"#)
        #expect(
            try JSONText.encode(API.DeleteSecurityGroup.Output(groupId: "sg-1"))
                == #"{"GroupId":"sg-1","Return":true}"#)
    }

    @Test func authorizeAndRevoke() throws {
        let text = #"""
            {"GroupName": "web", "IpPermissions": [{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80,
             "IpRanges": [{"CidrIp": "10.0.0.0/8"}, {"CidrIp": "192.0.2.0/24"}]}]}
            """#
        let input = try JSONText.decode(API.AuthorizeSecurityGroupIngress.Input.self, text)
        let (group, added) = try input.applied(.ingress, in: references)
        #expect(group.id == IpPermissionTests.web.id && group.rules == added && added.count == 2)
        #expect(
            code { _ = try input.applied(.ingress, in: references, limits: .init(rulesPerGroup: 1)) }
                == "RulesPerSecurityGroupLimitExceeded")
        let now = SecurityGroupReferences(securityGroups: [group])
        #expect(code { _ = try input.applied(.ingress, in: now) } == "InvalidPermission.Duplicate")
        #expect(try input.applied(.egress, in: now).group.rules.count == 4)

        func revoke(_ text: String) throws -> (group: SecurityGroup, removed: [SecurityGroupRule]) {
            try JSONText.decode(API.RevokeSecurityGroupIngress.Input.self, text).applied(.ingress, in: now)
        }
        #expect(try revoke(text).group.rules == [])
        let byID = try revoke(#"{"GroupId": "\#(group.id)", "SecurityGroupRuleIds": ["\#(added[1].id)"]}"#)
        #expect(byID.removed == [added[1]] && byID.group.rules == [added[0]])
        #expect(
            code { _ = try revoke(#"{"GroupId": "web", "SecurityGroupRuleIds": ["sgr-1"]}"#) }
                == "InvalidSecurityGroupRuleId.NotFound")
        let twice = #expect(throws: ValidationFailure.self) {
            try revoke(#"{"GroupId": "web", "SecurityGroupRuleIds": ["\#(added[1].id)", "\#(added[1].id)"]}"#)
        }
        #expect(twice?.message.hasSuffix("is given more than once") == true)
        #expect(code { _ = try revoke(#"{"GroupId": "web"}"#) } == "MissingParameter")
        #expect(
            code {
                _ = try revoke(
                    #"""
                    {"GroupId": "web", "IpPermissions": [{"IpProtocol": "udp", "FromPort": 80, "ToPort": 80,
                     "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}]}
                    """#)
            } == "InvalidPermission.NotFound")
        #expect(
            code {
                _ = try revoke(
                    #"{"GroupId": "web", "SecurityGroupRuleIds": ["sgr-1"], "IpPermissions": [{"IpProtocol": "-1"}]}"#)
            } == "InvalidParameterCombination")
        #expect(
            code { _ = try API.AuthorizeSecurityGroupIngress.Input(ipPermissions: []).applied(.ingress, in: now) }
                == "MissingParameter")
    }

    private func refusal<Operation: APIOperation>(_ operation: Operation.Type, _ text: String) -> String? {
        let failure = #expect(throws: EC2MemberFailure.self) { try JSONText.decode(operation.Input.self, text) }
        return failure?.description
    }

    @Test func unknownMembersOfRequestsAreRefused() {
        let text = #"{"MaxResults": 5}"#
        let unknown = "The parameter MaxResults is not recognized; there are: "
        let code = " (ErrorCode: UnknownParameter)"
        #expect(refusal(API.CreateSecurityGroup.self, text) == unknown + "GroupName, Description, VpcId" + code)
        #expect(refusal(API.DeleteSecurityGroup.self, text) == unknown + "GroupId, GroupName" + code)
        #expect(refusal(API.DescribeSecurityGroups.self, text) == unknown + "GroupIds, GroupNames, Filters" + code)
        #expect(
            refusal(API.DescribeSecurityGroupRules.self, text) == unknown + "SecurityGroupRuleIds, Filters" + code)
        let rules = unknown + "GroupId, GroupName, IpPermissions"
        #expect(refusal(API.AuthorizeSecurityGroupIngress.self, text) == rules + code)
        #expect(refusal(API.RevokeSecurityGroupEgress.self, text) == rules + ", SecurityGroupRuleIds" + code)
        #expect(
            refusal(API.ModifyNetworkInterfaceAttribute.self, text) == unknown + "NetworkInterfaceId, Groups" + code)
        #expect(refusal(API.DescribeManagedPrefixLists.self, text) == unknown + "PrefixListIds, Filters" + code)
        #expect(
            refusal(API.DescribeSecurityGroups.self, #"{"Filters": [{"Name": "group-id", "Value": "x"}]}"#)
                == "The parameter Value of Filters[0] is not recognized; there are: Name, Values" + code)
    }

    @Test func nothingIsDoneDry() throws {
        let text = #"{"GroupName": "web", "Description": "d", "DryRun": true}"#
        #expect(
            refusal(API.CreateSecurityGroup.self, text)
                == """
                The parameter DryRun is not supported, and nothing was done; leave it out to have it done \
                (ErrorCode: UnsupportedOperation)
                """)
        let wet = try JSONText.decode(
            API.CreateSecurityGroup.Input.self, #"{"groupName": "web", "description": "d", "dryRun": false}"#)
        #expect(wet == .init(groupName: "web", description: "d"))
    }

    @Test func descriptions() throws {
        var group = IpPermissionTests.web
        try group.authorize([
            SecurityGroupRule(
                groupID: group.id, direction: .ingress, ipProtocol: .icmp, fromPort: 8, peer: .group(group.id),
                ruleDescription: "pings")
        ])
        var description = SecurityGroupDescription(group, accountID: "123")
        description.ruleCounters = [
            .init(securityGroupRuleId: group.rules[0].id, isEgress: false, packets: 3, bytes: .max)
        ]
        description.networkInterfaceCount = 2
        let text = try JSONText.encode(description)
        #expect(try JSONText.decode(SecurityGroupDescription.self, text) == description)
        #expect(
            text == #"""
                {"Description":"web","GroupId":"sg-00000000000000001","GroupName":"web","IpPermissions":[{"FromPort":8,\#
                "IpProtocol":"icmp","IpRanges":[],"Ipv6Ranges":[],"PrefixListIds":[],"ToPort":-1,"UserIdGroupPairs":\#
                [{"Description":"pings","GroupId":"sg-00000000000000001","UserId":"123"}]}],"IpPermissionsEgress":[],\#
                "NetworkInterfaceCount":2,"OwnerId":"123","RuleCounters":[{"Bytes":18446744073709551615,"IsEgress":false,\#
                "Packets":3,"SecurityGroupRuleId":"\#(group.rules[0].id)"}],"VpcId":"vpc-1"}
                """#)
        #expect(
            try JSONText.encode(SecurityGroupRuleDescription(group.rules[0], groupID: group.id)) == #"""
                {"Description":"pings","FromPort":8,"GroupId":"sg-00000000000000001","IpProtocol":"icmp","IsEgress":false,\#
                "ReferencedGroupInfo":{"GroupId":"sg-00000000000000001"},"SecurityGroupRuleId":"\#(group.rules[0].id)",\#
                "ToPort":-1}
                """#)
    }

    @Test func selections() throws {
        func groups(_ text: String) throws -> [String] {
            try JSONText.decode(API.DescribeSecurityGroups.Input.self, text).select(in: references).map(\.name)
        }
        #expect(try groups("{}") == ["default", "web"])
        #expect(try groups(#"{"GroupIds": ["sg-00000000000000001"]}"#) == ["web"])
        #expect(try groups(#"{"GroupNames": ["web", "default"]}"#) == ["default", "web"])
        #expect(try groups(#"{"Filters": [{"Name": "group-name", "Values": ["web", "x"]}]}"#) == ["web"])
        #expect(try groups(#"{"Filters": [{"Name": "vpc-id", "Values": []}]}"#) == [])
        #expect(code { _ = try groups(#"{"GroupIds": ["sg-9"]}"#) } == "InvalidGroup.NotFound")
        #expect(code { _ = try groups(#"{"Filters": [{"Name": "tag:x"}]}"#) } == "InvalidParameterValue")
        let all = references.securityGroups
        let rules = try API.DescribeSecurityGroupRules.Input(filters: [.init(name: "group-id", values: [all[0].id])])
            .select(in: all)
        #expect(rules.map(\.rule) == all[0].rules)
        #expect(
            try API.DescribeSecurityGroupRules.Input(securityGroupRuleIds: [all[0].rules[1].id]).select(in: all).count
                == 1)
        #expect(
            code { _ = try API.DescribeSecurityGroupRules.Input(securityGroupRuleIds: ["sgr-1"]).select(in: all) }
                == "InvalidSecurityGroupRuleId.NotFound")
        let lists = try API.DescribeManagedPrefixLists.Input(prefixListIds: ["office"]).select(in: references)
        #expect(lists == [IpPermissionTests.office])
    }

    @Test func manyGroupsAreNotAllNamed() {
        let groups = (1...1500).map {
            SecurityGroup(id: "sg-\($0)", name: "g\($0)", groupDescription: "g", vpcID: "vpc-1")
        }
        let failure = #expect(throws: ValidationFailure.self) {
            try SecurityGroupReferences(securityGroups: groups).securityGroup(named: "nope")
        }
        #expect(failure?.detail?.hasSuffix("sg-10 (g10) and 1490 more") == true)
    }

    @Test func groupsOfAnInterface() throws {
        func ids(_ groups: String...) throws -> [String] {
            try API.ModifyNetworkInterfaceAttribute.Input(networkInterfaceId: "eni-1", groups: groups)
                .groupIDs(in: references, limits: .init(groupsPerInterface: 1))
        }
        #expect(try ids("web") == [IpPermissionTests.web.id])
        #expect(code { _ = try ids() } == "MissingParameter")
        #expect(code { _ = try ids("web", IpPermissionTests.web.id) } == "InvalidParameterValue")
        #expect(code { _ = try ids("web", "default") } == "SecurityGroupsPerInterfaceLimitExceeded")
        #expect(code { _ = try ids("db") } == "InvalidGroup.NotFound")
    }

    @Test func prefixLists() throws {
        let list = PrefixList(
            id: "pl-00000000000000001", name: "office",
            entries: [.init(block: try CIDRBlock(parsing: "10.0.0.0/8"), entryDescription: "x")])
        #expect(
            try JSONText.encode(API.DescribeManagedPrefixLists.Output(prefixLists: [.init(list, accountID: "1")]))
                == #"""
                {"PrefixLists":[{"AddressFamily":"IPv4","Entries":[{"Cidr":"10.0.0.0/8","Description":"x"}],"MaxEntries":1,\#
                "OwnerId":"1","PrefixListId":"pl-00000000000000001","PrefixListName":"office","State":"create-complete"}]}
                """#)
    }
}
