// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Linux
import SystemPackage
import TestSupport
import Testing
import VPC

@testable import Agent

@Suite("Security groups: operations", .requiresRoot, .requiresProgram("nft"))
struct SecurityGroupOperationsTests {
    private let web = #"{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 81, "IpRanges": [{"CidrIp": "10.0.0.0/8"}]}"#

    @Test("A group is made, described, given rules, relieved of them and deleted, in the kernel as in the store")
    func life() async throws {
        try await GroupsHost.with { host in
            let id = try await host.create("web")
            #expect(try host.ruleset().contains("chain \(id)-ingress"))
            try await host.allow(id, web)
            let described = try await host.call("DescribeSecurityGroups", #"{"GroupNames": ["web"]}"#)
            let group = described["SecurityGroups"][0]
            #expect(group["GroupId"].text == id)
            #expect(group["IsConfigured"] == .flag(false))
            #expect(group["IpPermissions"][0]["IpRanges"][0]["CidrIp"].text == "10.0.0.0/8")
            #expect(group["IpPermissionsEgress"].elements.count == 1)
            #expect(group["RuleCounters"].elements.count == 3)

            let filter = #"{"Filters": [{"Name": "group-id", "Values": ["\#(id)"]}]}"#
            let rules = try await host.call("DescribeSecurityGroupRules", filter)["SecurityGroupRules"].elements
            let rule = try #require(rules.first { $0["IsEgress"] == .flag(false) }?["SecurityGroupRuleId"].text)
            #expect(try host.ruleset().contains("comment \"\(rule)\""))
            try await host.call(
                "RevokeSecurityGroupIngress", #"{"GroupId": "\#(id)", "SecurityGroupRuleIds": ["\#(rule)"]}"#)
            #expect(try !host.ruleset().contains("comment \"\(rule)\""))
            try await host.call(
                "RevokeSecurityGroupEgress",
                #"{"GroupId": "\#(id)", "IpPermissions": [{"IpProtocol": "-1", "Ipv6Ranges": [{"CidrIpv6": "::/0"}]}]}"#
            )

            try await host.call("DeleteSecurityGroup", #"{"GroupName": "web"}"#)
            #expect(try !host.ruleset().contains(id))
            let left = try await host.base.store.read { try $0.securityGroups() }
            #expect(left.isEmpty)
        }
    }

    @Test("What is there already, or is not there, is refused with EC2's code")
    func refusals() async throws {
        try await GroupsHost.with { host in
            let id = try await host.create("web")
            try await host.allow(id, web)
            let same = #"{"GroupId": "\#(id)", "IpPermissions": [\#(web)]}"#
            var refusal = try await host.refusal("AuthorizeSecurityGroupIngress", same)
            #expect(refusal.contains("InvalidPermission.Duplicate"))
            try await host.call("RevokeSecurityGroupIngress", same)
            refusal = try await host.refusal("RevokeSecurityGroupIngress", same)
            #expect(refusal.contains("InvalidPermission.NotFound"))
            refusal = try await host.refusal(
                "RevokeSecurityGroupIngress", #"{"GroupId": "\#(id)", "SecurityGroupRuleIds": ["sgr-12345678"]}"#)
            #expect(refusal.contains("InvalidSecurityGroupRuleId.NotFound"))
            for name in ["web", "default"] {
                refusal = try await host.refusal(
                    "CreateSecurityGroup", #"{"GroupName": "\#(name)", "Description": "d"}"#)
                #expect(refusal.contains(name == "web" ? "InvalidGroup.Duplicate" : "InvalidGroup.Reserved"))
            }
            refusal = try await host.refusal("DeleteSecurityGroup", #"{"GroupId": "sg-12345678"}"#)
            #expect(refusal.contains("InvalidGroup.NotFound"))
            refusal = try await host.refusal(
                "CreateSecurityGroup", #"{"GroupName": "b", "Description": "d", "VpcId": "vpc-1"}"#)
            #expect(refusal.contains("InvalidVpcID.NotFound"))
            let missing = #"{"NetworkInterfaceId": "eni-1", "Groups": ["web"]}"#
            refusal = try await host.refusal("ModifyNetworkInterfaceAttribute", missing)
            #expect(refusal.contains("InvalidNetworkInterfaceID.NotFound"))
        }
    }

    @Test("The limit is the configuration's, and a refused rule leaves nothing behind")
    func limits() async throws {
        try await GroupsHost.with { configuration in
            configuration.rulesPerSecurityGroup = 2
        } _: { host in
            let id = try await host.create("web")
            try await host.allow(id, web)
            let two = #"{"IpProtocol": "-1", "IpRanges": [{"CidrIp": "10.1.0.0/16"}, {"CidrIp": "10.2.0.0/16"}]}"#
            let refusal = try await host.refusal(
                "AuthorizeSecurityGroupIngress", #"{"GroupId": "\#(id)", "IpPermissions": [\#(two)]}"#)
            #expect(refusal.contains("RulesPerSecurityGroupLimitExceeded"))
            let group = try await host.base.store.read { try $0.securityGroups().first?.group }
            #expect(group?.rules(.ingress).count == 1)
        }
    }

    @Test("Groups of the configuration are changed there and nowhere else, and default stays")
    func configured() async throws {
        try await GroupsHost.with { configuration in
            let text = "securityGroups: [{id: sg-12345678, name: db}]"
            configuration.securityGroups = try AgentConfiguration.load(text: text).configuration.securityGroups
        } _: { host in
            var refusal = try await host.refusal(
                "AuthorizeSecurityGroupIngress", #"{"GroupName": "db", "IpPermissions": [\#(web)]}"#)
            #expect(refusal.contains("sg-12345678 (db) is the configuration's"))
            #expect(refusal.contains("change securityGroups in tasknet.yaml"))
            refusal = try await host.refusal("DeleteSecurityGroup", #"{"GroupName": "db"}"#)
            #expect(refusal.contains("change securityGroups in tasknet.yaml"))
            refusal = try await host.refusal("DeleteSecurityGroup", #"{"GroupName": "default"}"#)
            #expect(refusal.contains("CannotDelete"))
            refusal = try await host.refusal("CreateSecurityGroup", #"{"GroupName": "db", "Description": "d"}"#)
            #expect(refusal.contains("InvalidGroup.Duplicate"))
        }
    }

    @Test("A default that the file does not give is the API's to change, and stays changed")
    func standard() async throws {
        try await GroupsHost.with { first in
            let record = try await first.runTask("a")
            let id = try #require(first.base.context.configuration.value.defaultGroupIDs.first)
            let names = #"{"GroupNames": ["default"]}"#
            #expect(
                try await first.call("DescribeSecurityGroups", names)["SecurityGroups"][0]["IsConfigured"]
                    == .flag(false))
            try await first.allow("default", web)
            try await first.call(
                "RevokeSecurityGroupIngress",
                #"{"GroupId": "\#(id)", "IpPermissions": [{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "\#(id)"}]}]}"#
            )
            #expect(try !first.reaches(record))
            let refusal = try await first.refusal("DeleteSecurityGroup", #"{"GroupName": "default"}"#)
            #expect(refusal.contains("CannotDelete"))

            let second = try await GroupsHost(first.base)
            #expect(try !second.reaches(record))
            let groups = try await second.call("DescribeSecurityGroups")["SecurityGroups"].elements
            #expect(groups.map { $0["GroupId"].text } == [id])
            #expect(groups.first?["IsConfigured"] == .flag(false))
            #expect(groups.first?["IpPermissions"].elements.map { $0["IpProtocol"].text } == ["tcp"])
            try await second.allow("default", #"{"IpProtocol": "icmp", "UserIdGroupPairs": [{"GroupId": "default"}]}"#)
            #expect(try second.reaches(record))
        }
    }

    @Test("A group that somebody is in or that a rule names is not deleted")
    func dependents() async throws {
        try await GroupsHost.with { host in
            let id = try await host.create("web")
            let other = try await host.create("db")
            try await host.allow(other, #"{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "web"}]}"#)
            let record = try await host.runTask("a", groups: ["web"])
            let refusal = try await host.refusal("DeleteSecurityGroup", #"{"GroupId": "\#(id)"}"#)
            #expect(refusal.contains("DependencyViolation"))
            #expect(refusal.contains(record.id) && refusal.contains("rules of \(other) (db)"))
            try await host.release("a")
            try await host.call("DeleteSecurityGroup", #"{"GroupId": "\#(other)"}"#)
            try await host.call("DeleteSecurityGroup", #"{"GroupId": "\#(id)"}"#)
        }
    }

    @Test("What the kernel refuses leaves the store again, and the error says so")
    func kernelRefuses() async throws {
        try await GroupsHost.with { host in
            let id = try await host.create("web")
            // Somebody else's table of that name, which cannot be written to.
            try run(["nft", "flush", "ruleset"], in: host.base.host.namespace)
            let pipe = host.base.host.directory.appending("commands")
            try run(["mkfifo", pipe.string])
            let commands = try FileDescriptor.open(pipe, .readWrite, options: .closeOnExec)
            defer { try? commands.close() }
            let nft = Program(
                path: FilePath(try run(["which", "nft"]).output.split(separator: "\n").first.map(String.init) ?? ""),
                arguments: ["nft", "-i"], descriptors: [0: commands.rawValue])
            let owner = try host.base.host.namespace.enter { try nft.spawn() }
            defer { _ = try? owner.signal(9) }
            try commands.writeAll("add table inet tasknet { flags owner; }\n".utf8)
            while try !host.ruleset().contains("table inet tasknet") { try await Task.sleep(for: .milliseconds(5)) }
            let refusal = try await host.refusal(
                "AuthorizeSecurityGroupIngress", #"{"GroupId": "\#(id)", "IpPermissions": [\#(web)]}"#)
            #expect(refusal.contains("security groups cannot be enforced, so nothing was changed"))
            let kept = try await host.base.store.read { try $0.securityGroups().first?.group.rules(.ingress) }
            #expect(kept?.isEmpty == true)
            try owner.signal(9)
            _ = try owner.reap()
            // All is made anew.
            try await host.allow(id, web)
            #expect(try host.ruleset().contains("chain \(id)-ingress"))
        }
    }
}
