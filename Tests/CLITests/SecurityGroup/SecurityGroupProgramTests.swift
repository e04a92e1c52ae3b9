// SPDX-License-Identifier: Apache-2.0

import ECSAPI
import JSON
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import tasknet

/// `tasknet sg`, `eni` and `subnet`, against a socket that answers as a daemon would.
@Suite("The program and security groups")
struct SecurityGroupProgramTests {
    private static let web = "sg-00000000000000001"
    private static let rule = "sgr-00000000000000001"
    private static let other = "sgr-00000000000000002"

    private static func answer(_ request: ScriptedDaemon.Request) throws -> String? {
        let rules = """
            {"SecurityGroupRuleId":"\(rule)","GroupId":"\(web)","IsEgress":false,"IpProtocol":"tcp","FromPort":80,
             "ToPort":90,"ReferencedGroupInfo":{"GroupId":"sg-00000000000000002"},"Description":"a\\u001bb",
             "Packets":12,"Bytes":720},
            {"SecurityGroupRuleId":"\(other)","GroupId":"\(web)","IsEgress":true,"IpProtocol":"-1","FromPort":-1,
             "ToPort":-1,"CidrIpv4":"0.0.0.0/0","Packets":0,"Bytes":0}
            """
        switch request.operation {
        case "DescribeSecurityGroups":
            return """
                {"SecurityGroups":[
                 {"GroupId":"\(web)","GroupName":"web","Description":"front","VpcId":"vpc-1","IncludesHost":true,
                  "NetworkInterfaceCount":2,"IsConfigured":false,"RuleCounters":[],
                  "IpPermissions":[{"IpProtocol":"tcp","FromPort":80,"ToPort":90,
                  "UserIdGroupPairs":[{"GroupId":"sg-00000000000000002"}]}],"IpPermissionsEgress":[{"IpProtocol":"-1","IpRanges":[{"CidrIp":"0.0.0.0/0"}]}]},
                 {"GroupId":"sg-00000000000000002","GroupName":"lb","Description":"balancer","IpPermissions":[],
                  "IpPermissionsEgress":[],"IsConfigured":true}]}
                """
        case "DescribeSecurityGroupRules":
            let group = request.body["Filters"]?.elements?.first?["Values"]?.elements?.first?.string
            return #"{"SecurityGroupRules":[\#(group == web ? rules : "")]}"#
        case "ListNetworkInterfaces":
            return """
                {"networkInterfaces":[
                {"networkInterfaceId":"eni-1","attachmentId":"a","index":0,"macAddress":"0a:00:00:00:00:01",
                 "privateIpv4Addresses":["10.64.1.5"],"ipv6Addresses":[],"taskArn":"\(SampleTasks.arn(SampleTasks.id("1f")))",
                 "interfaceType":"veth","enforced":true,"securityGroups":[{"groupId":"\(web)","groupName":"web"}],
                 "drops":{"spoofed":{"packets":2,"bytes":84},"deniedIngress":{"packets":5,"bytes":300}}},
                {"networkInterfaceId":"eni-2","attachmentId":"b","index":0,"macAddress":"0a:00:00:00:00:02",
                 "privateIpv4Addresses":["10.64.1.6"],"ipv6Addresses":[],"interfaceType":"macvlan","enforced":false,
                 "securityGroups":[{"groupId":"\(web)","groupName":"web"}]}]}
                """
        case "CreateSecurityGroup": return #"{"GroupId":"\#(web)"}"#
        case "DeleteSecurityGroup": return #"{"Return":true,"GroupId":"\#(web)"}"#
        case "AuthorizeSecurityGroupIngress", "AuthorizeSecurityGroupEgress":
            return #"{"Return":true,"SecurityGroupRules":[\#(rules)]}"#
        case "RevokeSecurityGroupIngress", "RevokeSecurityGroupEgress":
            return #"{"Return":true,"UnknownIpPermissions":[],"RevokedSecurityGroupRules":[\#(rules)]}"#
        case "ModifyNetworkInterfaceAttribute": return #"{"Return":true}"#
        case "ListSubnets":
            return """
                {"subnets":[{"subnetId":"subnet-1","name":"blue","cidrBlock":"10.64.1.0/24","route":"none",
                "gatewayIpv4Address":"10.64.1.1","availableIpAddressCount":249,"usableIpAddressCount":251,
                "nextIpAddress":"10.64.1.7","networkInterfaceCount":2,
                "reservedIpAddresses":[{"address":"10.64.1.0","purpose":"the network's own address"}]}]}
                """
        default: return nil
        }
    }

    @Test("sg list")
    func list() throws {
        try ScriptedDaemon.with(Self.answer) { daemon in
            let result = try daemon.tasknet("sg")
            #expect(result.status == .exited(0) && result.errors == "")
            #expect(
                result.output == """
                    NAME  GROUP                 IN  OUT  ENIS  MADE BY  DESCRIPTION
                    web   sg-00000000000000001   1    1     2  API      front
                    lb    sg-00000000000000002   0    0     -  file     balancer

                    """)
            let json = try JSONParser.parse(Array(try daemon.tasknet("--json", "sg", "list").output.utf8))
            #expect(json["SecurityGroups"]?.elements?.count == 2)
        }
    }

    @Test("sg show prints rules with counters, and the members")
    func show() throws {
        try ScriptedDaemon.with(Self.answer) { daemon in
            let result = try daemon.tasknet("sg", "show", "web")
            #expect(result.status == .exited(0) && result.errors == "")
            #expect(
                result.output == """
                    Group        sg-00000000000000001
                    Name         web
                    Description  front
                    VPC          vpc-1
                    Made by      the API
                    Members      2 ENIs, of which 1 not enforced, the host

                    Inbound rules
                      RULE                   PROTOCOL  PORTS  FROM                       PACKETS  BYTES  DESCRIPTION
                      sgr-00000000000000001  tcp       80-90  lb (sg-00000000000000002)       12    720  a\\u{1b}b

                    Outbound rules
                      RULE                   PROTOCOL  PORTS  TO         PACKETS  BYTES  DESCRIPTION
                      sgr-00000000000000002  all       all    0.0.0.0/0        0      0  -

                    Members
                      ENI    OWNER         KIND     ADDRESS    DROPPED  ENFORCED
                      eni-1  1f0000000000  veth     10.64.1.5        7  yes
                      eni-2  -             macvlan  10.64.1.6        -  no

                    """)
            let json = try JSONParser.parse(Array(try daemon.tasknet("sg", "show", Self.web, "--json").output.utf8))
            #expect(json["SecurityGroupRules"]?.elements?.count == 2)
            #expect(json["NetworkInterfaces"]?.elements?.count == 2)
            let empty = try daemon.tasknet("sg", "show", "lb").output
            #expect(empty.contains("none: members hear nobody") && empty.contains("none: members may speak to nobody"))
            #expect(empty.contains("Enforced     no: the packet filter has no tables of tasknet's"))
            let missing = try daemon.tasknet("sg", "show", "db")
            #expect(missing.status == .exited(2))
            #expect(missing.errors == "tasknet: there is no security group \"db\"; there are: web, lb\n")
        }
    }

    @Test("sg create and delete")
    func createAndDelete() throws {
        try ScriptedDaemon.with(Self.answer) { daemon in
            let created = try daemon.tasknet("sg", "create", "web", "--description", "front")
            #expect(created.output == Self.web + "\n")
            #expect(try daemon.lastText("CreateSecurityGroup") == #"{"Description":"front","GroupName":"web"}"#)
            #expect(try daemon.tasknet("sg", "create", "db").status == .exited(0))
            #expect(daemon.last("CreateSecurityGroup")?["Description"] == "db")
            #expect(try daemon.tasknet("sg", "delete", "web").output == "")
            #expect(daemon.last("DeleteSecurityGroup") == ["GroupId": "sg-00000000000000001"])
            #expect(try daemon.tasknet("sg", "delete", "db").status == .exited(2))
        }
    }

    @Test("sg authorize says EC2's permissions")
    func authorize() throws {
        try ScriptedDaemon.with(Self.answer) { daemon in
            let result = try daemon.tasknet(
                "sg", "authorize", "web", "--protocol", "tcp", "--port", "80-90", "--port", "443", "--cidr",
                "10.1.2.3/8",
                "--cidr", "192.0.2.7", "--cidr", "::/0", "--source-group", "lb", "--source-group", Self.web,
                "--prefix-list", "office", "--description", "x")
            #expect(result.status == .exited(0) && result.output.hasPrefix("RULE  "))
            let permissions = try #require(daemon.last("AuthorizeSecurityGroupIngress")?["IpPermissions"]?.elements)
            #expect(permissions.map { $0["FromPort"] } == [80, 443] && permissions.map { $0["ToPort"] } == [90, 443])
            let ranges = try #require(permissions[0]["IpRanges"]?.elements)
            #expect(ranges.map { $0["CidrIp"] } == ["10.0.0.0/8", "192.0.2.7/32"])
            #expect(ranges.map { $0["Description"] } == ["x", "x"])
            #expect(permissions[1]["Ipv6Ranges"]?.elements?.map { $0["CidrIpv6"] } == ["::/0"])
            #expect(
                permissions[1]["UserIdGroupPairs"]?.elements?.map { $0["GroupName"] ?? $0["GroupId"] }
                    == ["lb", "sg-00000000000000001"])
            #expect(permissions[1]["PrefixListIds"]?.elements?.first?["PrefixListId"] == "office")

            _ = try daemon.tasknet(
                "sg", "authorize", "web", "--egress", "--protocol", "icmp", "--icmp-type", "3/4", "--cidr", "0.0.0.0/0")
            let icmp = daemon.last("AuthorizeSecurityGroupEgress")?["IpPermissions"]?.elements?.first
            #expect(icmp?["IpProtocol"] == "icmp" && icmp?["FromPort"] == 3 && icmp?["ToPort"] == 4)
            _ = try daemon.tasknet("sg", "authorize", "web", "--protocol", "all", "--cidr", "0.0.0.0/0", "--json")
            let all = daemon.last("AuthorizeSecurityGroupIngress")?["IpPermissions"]?.elements?.first
            #expect(all?["IpProtocol"] == "-1" && all?["FromPort"] == nil)
        }
    }

    @Test("sg authorize takes EC2's JSON")
    func permissionFiles() throws {
        let permission = #"{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}"#
        try ScriptedDaemon.with(Self.answer) { daemon in
            for text in [permission, "[\(permission)]", #"{"GroupId": "sg-9", "IpPermissions": [\#(permission)]}"#] {
                try withFile(text) { path in
                    let result = try daemon.tasknet("sg", "authorize", "web", "--egress", "--ip-permissions", path)
                    #expect(result.status == .exited(0), "\(result.errors)")
                }
                let sent = daemon.last("AuthorizeSecurityGroupEgress")
                #expect(sent?["GroupId"] == "sg-00000000000000001")
                #expect(sent?["IpPermissions"]?.elements?.count == 1)
            }
            let count = daemon.operations.count
            for (text, part) in [
                ("{\n \"IpProtocol\": \"tcp\",\n \"Ports\": 80}", "The parameter Ports is not recognized"),
                (#"{"IpPermissions": []}"#, "there is no permission in it"), ("[1]", "[0]"), ("nothing", "error"),
            ] {
                try withFile(text) { path in
                    let result = try daemon.tasknet("sg", "authorize", "web", "--ip-permissions", path)
                    #expect(result.status == .exited(65) && result.errors.hasPrefix(path))
                    #expect(result.errors.contains(part), "\(result.errors)")
                }
            }
            // What cannot be read is not sent.
            #expect(daemon.operations.count == count)
        }
    }

    @Test("sg revoke by what rules say, and by their ids of either direction")
    func revoke() throws {
        try ScriptedDaemon.with(Self.answer) { daemon in
            _ = try daemon.tasknet("sg", "revoke", "web", "--protocol", "udp", "--port", "53", "--source-group", "lb")
            #expect(daemon.last("RevokeSecurityGroupIngress")?["IpPermissions"]?.elements?.first?["FromPort"] == 53)
            let both = try daemon.tasknet("sg", "revoke", "web", "--rule", Self.rule, "--rule", Self.other)
            #expect(both.status == .exited(64) && both.errors.contains("name them apart"))
            for rule in [Self.rule, Self.other] {
                let result = try daemon.tasknet("sg", "revoke", "web", "--rule", rule)
                #expect(result.status == .exited(0))
            }
            #expect(
                daemon.last("RevokeSecurityGroupIngress")?["SecurityGroupRuleIds"] == ["sgr-00000000000000001"])
            #expect(daemon.last("RevokeSecurityGroupEgress")?["SecurityGroupRuleIds"] == ["sgr-00000000000000002"])
            let missing = try daemon.tasknet("sg", "revoke", "web", "--rule", "sgr-9")
            #expect(missing.status == .exited(2) && missing.errors.contains("there is no rule sgr-9 in web"))
        }
    }

    @Test("sg authorize takes a description of one group, and the direction that is meant")
    func describedGroups() throws {
        func permission(_ block: String) -> String {
            #"[{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "\#(block)"}]}]"#
        }
        let group = """
            {"GroupId": "sg-1", "IpPermissions": \(permission("10.0.0.0/8")),
             "IpPermissionsEgress": \(permission("11.0.0.0/8"))}
            """
        func block(_ body: JSONNode?) -> JSONNode? {
            body?["IpPermissions"]?.elements?.first?["IpRanges"]?.elements?.first?["CidrIp"]
        }
        try ScriptedDaemon.with(Self.answer) { daemon in
            for text in [group, #"{"SecurityGroups": [\#(group)], "SecurityGroupRules": [], "NetworkInterfaces": []}"#]
            {
                try withFile(text) { path in
                    _ = try daemon.tasknet("sg", "authorize", "web", "--ip-permissions", path)
                    _ = try daemon.tasknet("sg", "revoke", "web", "--egress", "--ip-permissions", path)
                }
                #expect(block(daemon.last("AuthorizeSecurityGroupIngress")) == "10.0.0.0/8")
                #expect(block(daemon.last("RevokeSecurityGroupEgress")) == "11.0.0.0/8")
            }
            for (text, part) in [
                (
                    #"{"SecurityGroups": []}"#,
                    "one group is expected and it has 0; give .SecurityGroups[0].IpPermissions"
                ),
                (#"{"SecurityGroups": [\#(group), \#(group)]}"#, "SecurityGroups: one group is expected and it has 2"),
                (#"{"SecurityGroupRules": []}"#, "give what describe-security-groups prints of the group"),
                (
                    #"{"SecurityGroups": [{"IpPermissions": [{"Ports": 1}]}]}"#,
                    "SecurityGroups[0].IpPermissions[0]: The parameter Ports is not recognized"
                ),
            ] {
                try withFile(text) { path in
                    let result = try daemon.tasknet("sg", "authorize", "web", "--ip-permissions", path)
                    #expect(result.status == .exited(65) && result.errors.contains(part), "\(result.errors)")
                }
            }
        }
    }

    @Test("eni show tells drops by their reason")
    func interface() throws {
        try ScriptedDaemon.with(Self.answer) { daemon in
            let shown = try daemon.tasknet("eni", "show", "eni-1")
            #expect(shown.status == .exited(0) && shown.errors == "")
            #expect(
                shown.output == """
                    ENI          eni-1
                    Owner        1f0000000000
                    Task         \(SampleTasks.arn(SampleTasks.id("1f")))
                    Kind         veth
                    MAC address  0a:00:00:00:00:01
                    IPv4         10.64.1.5
                    Attachment   a
                    Groups       web (sg-00000000000000001)
                    Enforced     yes

                    Dropped on the host
                      REASON                                           PACKETS  BYTES
                      sent with an address that is not its own               2     84
                      sent to it, and no rule of its groups allows it        5    300

                    """)
            let other = try daemon.tasknet("eni", "show", "0A:00:00:00:00:02")
            #expect(other.output.contains("Enforced     no: its packets do not cross the host's stack\n"))
            #expect(other.output.hasSuffix("  not counted: its packets do not cross the host's stack\n"))
            let json = try JSONParser.parse(Array(try daemon.tasknet("eni", "show", "eni-1", "--json").output.utf8))
            #expect(json["drops"]?["deniedIngress"]?["packets"] == 5)
            let missing = try daemon.tasknet("eni", "show", "eni-9")
            #expect(missing.status == .exited(2))
            #expect(missing.errors.contains("there is no ENI \"eni-9\"") && missing.errors.contains("tasknet eni list"))
        }
    }

    @Test("eni lists groups and drops, and puts an ENI into other groups")
    func interfaces() throws {
        try ScriptedDaemon.with(Self.answer) { daemon in
            let lines = try daemon.tasknet("eni").output.split(separator: "\n")
            #expect(lines[0].hasSuffix("ON THE HOST  GROUPS  DROPPED"))
            #expect(lines[1].hasSuffix("web           7") && lines[2].hasSuffix("(web)         -"))
            let result = try daemon.tasknet(
                "eni", "modify", "eni-1", "--security-group", "web,lb", "--security-group", "sg-3")
            #expect(result.status == .exited(0) && result.output == "")
            #expect(
                try daemon.lastText("ModifyNetworkInterfaceAttribute")
                    == #"{"Groups":["web","lb","sg-3"],"NetworkInterfaceId":"eni-1"}"#)
        }
    }

    @Test("subnet show")
    func subnet() throws {
        try ScriptedDaemon.with(Self.answer) { daemon in
            #expect(try daemon.tasknet("subnet").output.contains("  ROUTE  ENIS  ZONE\n"))
            #expect(
                try daemon.tasknet("subnet", "show", "blue").output == """
                    Subnet      subnet-1
                    Name        blue
                    Route       none: nothing from or to the outside
                    ENIs        2
                    IPv4 block  10.64.1.0/24
                      Gateway   10.64.1.1
                      Free      249 of 251
                      Next      10.64.1.7

                    RESERVED   FOR
                    10.64.1.0  the network's own address

                    """)
            let json = try JSONParser.parse(
                Array(try daemon.tasknet("subnet", "show", "subnet-1", "--json").output.utf8))
            #expect(json["route"] == "none")
            let missing = try daemon.tasknet("subnet", "show", "red")
            #expect(missing.status == .exited(2) && missing.errors.contains("there are: blue"))
        }
    }

    @Test("The shell is offered groups")
    func completions() throws {
        try ScriptedDaemon.with(Self.answer) { daemon in
            let program = try BuiltProduct.path("tasknet").string
            let offered = try attempt([
                "env", "TASKNET_SOCKET=\(daemon.socketPath)", program, "---completion", "run", "--", "--security-group",
                "2", "0", "",
            ]).output
            #expect(offered.split(separator: "\n") == ["web", "lb"])
        }
    }
}
