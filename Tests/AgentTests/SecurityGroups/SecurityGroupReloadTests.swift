// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing
import VPC

@testable import Agent

@Suite("Security groups: reload", .requiresRoot, .requiresProgram("nft"))
struct SecurityGroupReloadTests {
    static let full = """
        prefixLists: [{id: pl-12345678, name: offices, entries: [{cidr: 192.0.2.0/24}]}]
        securityGroups:
          - id: sg-12345678
            name: db
            ipPermissions: [{ipProtocol: tcp, fromPort: 5432, toPort: 5432, userIdGroupPairs: [{groupId: default}]}]
        """

    private func configuration(_ text: String, of host: GroupsHost) throws -> AgentConfiguration {
        var result = host.base.context.configuration.value
        let loaded = try AgentConfiguration.load(text: text).configuration
        result.groupsOfFile = loaded.groupsOfFile
        result.prefixLists = loaded.prefixLists
        return result
    }

    private func reload(_ text: String, _ host: GroupsHost) async throws {
        let new = try configuration(text, of: host)
        try await host.groups.checkReload(to: new)
        let old = host.base.context.configuration.value
        let difference = old.difference(to: new)
        host.base.context.configuration.replace(old.applyingLiveChanges(of: new))
        await host.groups.configurationChanged(difference)
    }

    @Test("Only what is other is changed, without touching who runs")
    func differences() async throws {
        try await GroupsHost.with { host in
            let record = try await host.runTask("a")
            let group = try host.linkGroup(record)
            try await reload(Self.full, host)
            #expect(try host.ruleset().contains("chain sg-12345678-ingress"))
            #expect(try host.ruleset().contains("set pl-12345678-4"))
            #expect(try host.linkGroup(record) == group)
            #expect(try host.reaches(record))
            try await reload("", host)
            #expect(try !host.ruleset().contains("sg-12345678"))
            #expect(try !host.ruleset().contains("pl-12345678"))
        }
    }

    @Test("The file's default takes the place of the API's, which is gone for good")
    func standard() async throws {
        try await GroupsHost.with { host in
            let record = try await host.runTask("a")
            let icmp = #"{"IpProtocol": "icmp", "IpRanges": [{"CidrIp": "192.0.2.0/24"}]}"#
            try await host.allow("default", icmp)
            #expect(try host.ruleset().contains("192.0.2.0/24"))
            // What it is anyway, but the file's now.
            let given = "securityGroups: [{name: default}]"
            try await reload(given, host)
            #expect(try !host.ruleset().contains("192.0.2.0/24"))
            #expect(try host.reaches(record))
            var groups = try await host.call("DescribeSecurityGroups")["SecurityGroups"].elements
            #expect(groups.map { $0["IsConfigured"] } == [.flag(true)])
            let refusal = try await host.refusal(
                "AuthorizeSecurityGroupIngress", #"{"GroupName": "default", "IpPermissions": [\#(icmp)]}"#)
            #expect(refusal.contains("is the configuration's"))
            let stored = try await host.base.store.read { try $0.securityGroups() }
            #expect(stored.isEmpty)

            try await reload("", host)
            groups = try await host.call("DescribeSecurityGroups")["SecurityGroups"].elements
            #expect(groups.map { $0["IsConfigured"] } == [.flag(false)])
            try await host.allow("default", icmp)
            #expect(try host.ruleset().contains("192.0.2.0/24"))
        }
    }

    @Test("A start with a file that a reload would have refused tells of all that is missing")
    func dangling() async throws {
        try await GroupsHost.with { host in
            try await reload(Self.full, host)
            _ = try await host.runTask("a", groups: ["db"])
            let made = try await host.create("made")
            try await host.allow(made, #"{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "db"}]}"#)
            try await host.allow(made, #"{"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": "offices"}]}"#)
            #expect(try await host.groups.danglingReferences() == [])
            host.base.context.configuration.replace(try configuration("securityGroups: [{name: made}]", of: host))
            let found = try await host.groups.danglingReferences()
            #expect(found.count == 4, "\(found)")
            for text in ["made", "task a", "sg-12345678", "pl-12345678"] {
                #expect(found.contains { $0.contains(text) }, "\(text): \(found)")
            }
        }
    }

    @Test("What somebody is in or refers to cannot go, and names cannot be taken twice")
    func refused() async throws {
        try await GroupsHost.with { host in
            try await reload(Self.full, host)
            let record = try await host.runTask("a", groups: ["db"])
            let made = try await host.create("made")
            try await host.allow(made, #"{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": "db"}]}"#)
            try await host.allow(made, #"{"IpProtocol": "-1", "PrefixListIds": [{"PrefixListId": "offices"}]}"#)
            await #expect(
                throws: SecurityGroupRefusal.inUse(
                    group: "sg-12345678 (db)", by: ["\(record.id) of task a", "rules of \(made) (made)"])
            ) { try await reload("", host) }
            let withoutList = Self.full.replacing(
                "prefixLists: [{id: pl-12345678, name: offices", with: "prefixLists: [{name: o")
            await #expect(
                throws: SecurityGroupRefusal.listInUse(
                    list: "pl-12345678 (offices)", by: ["rules of \(made) (made)"])
            ) { try await reload(withoutList, host) }
            let error = await #expect(throws: SecurityGroupRefusal.self) {
                try await reload(Self.full + "\n  - name: made", host)
            }
            #expect(
                error?.description.contains("has the name or id of \(made) (made), which was made by the API") == true)
            try await host.release("a")
        }
    }
}
