// SPDX-License-Identifier: Apache-2.0
import Netfilter
import TestSupport
import Testing
import VPC

@testable import Agent

@Suite("Security groups: what others change", .requiresRoot, .requiresProgram("nft"))
struct RepairTests {
    /// With somebody who follows the ruleset as the daemon does.
    private func watched(_ body: (GroupsHost, RulesetEvents) async throws -> Void) async throws {
        try await GroupsHost.with { host in
            let events = try RulesetEvents(in: host.base.host.namespace)
            let watch = Task { await host.groups.watch() }
            do {
                try await body(host, events)
            } catch {
                watch.cancel()
                throw error
            }
            watch.cancel()
            await watch.value
        }
    }

    @Test(
        "What another program takes away or adds is put right at once",
        arguments: ["flush ruleset", "flush chain inet tasknet forward", "insert rule inet tasknet forward accept"])
    func mended(change: String) async throws {
        try await watched { host, events in
            _ = try await host.runTask("a")
            try await host.create("deaf")
            let deaf = try await host.runTask("b", groups: ["deaf"])
            #expect(try !host.reaches(deaf, from: "a"))
            let before = try host.structure()
            try run(["nft", change], in: host.base.host.namespace)
            while try await !host.groups.packetFilterDrift().isEmpty { _ = try await events.next() }
            #expect(try host.structure() == before)
            #expect(try !host.reaches(deaf, from: "a"))
            #expect(try host.reaches(try await host.interface("a")))
        }
    }

    @Test("A reload mends too, and until then it is said that nothing is enforced")
    func reload() async throws {
        try await GroupsHost.with { host in
            let record = try await host.runTask("a")
            #expect(try await host.call("DescribePacketFilter")["drift"] == .list([]))
            #expect(await host.groups.mend() == nil)
            try run(["nft", "flush", "ruleset"], in: host.base.host.namespace)
            let drift = try await host.call("DescribePacketFilter")["drift"].elements.compactMap(\.text)
            #expect(drift == ["table inet tasknet is missing", "table arp tasknet is missing"])
            var listed = try await host.call("ListNetworkInterfaces")["networkInterfaces"][0]
            #expect(listed["enforced"] == .flag(false))
            var group = try await host.call("DescribeSecurityGroups")["SecurityGroups"][0]
            #expect(group["RuleCounters"].isNull)
            #expect(group["UnenforcedNetworkInterfaceCount"].integer == 1)

            #expect(await host.groups.mend() == "the packet filter is made anew")
            #expect(try await host.groups.packetFilterDrift() == [])
            listed = try await host.call("ListNetworkInterfaces")["networkInterfaces"][0]
            #expect(listed["enforced"] == .flag(true))
            group = try await host.call("DescribeSecurityGroups")["SecurityGroups"][0]
            #expect(!group["RuleCounters"].isNull)
            #expect(try host.reaches(record))
        }
    }

    @Test("An ENI that is in the store and still to be made is not missed in the packet filter")
    func notYetMade() async throws {
        try await GroupsHost.with { host in
            _ = try await host.runTask("a")
            let task = try await host.base.recordTask("b", on: host.service)
            #expect(try await host.groups.packetFilterDrift() == [])
            #expect(await host.groups.mend() == nil)
            _ = try await host.service.provision(task)
            #expect(try await host.groups.packetFilterDrift() == [])
            try await host.release("b")
            #expect(try await host.groups.packetFilterDrift() == [])
        }
    }

    @Test("Who goes on and on is followed ever more slowly, and at once again after some peace")
    func pace() {
        var pace = RepairPace()
        var now = ContinuousClock.now
        var pauses: [Duration] = []
        for _ in 0..<14 {
            let pause = pace.delay(at: now)
            pauses.append(pause)
            now += pause
            pace.note(at: now)
        }
        #expect(pauses == [0, 0, 0, 0, 0, 1, 2, 4, 8, 16, 30, 30, 30, 30].map { .seconds($0) })
        #expect(pace.delay(at: now + .seconds(20)) == .seconds(10))
        now += .seconds(60)
        #expect(pace.delay(at: now) == .zero)
        pace.note(at: now)
        #expect(pace.delay(at: now) == .zero)
    }
}

extension GroupsHost {
    /// The ruleset without what is counted, in whatever order.
    fileprivate func structure() throws -> [Substring] {
        try run(["nft", "-s", "list", "ruleset"], in: base.host.namespace).output.split(separator: "\n").sorted()
    }
}
