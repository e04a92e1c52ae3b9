// SPDX-License-Identifier: Apache-2.0
import Firewall
import Netfilter
import TestSupport
import Testing
import VPC

/// Whose changes are whose.
@Suite(.requiresRoot) struct OthersTests {
    @Test func ownChangesAreNoOthers() throws {
        try VPCHost.with { host in
            host.state.securityGroups = [Sample.group(1, try Sample.allOut(1)), Sample.group(2)]
            let events = try host.firewall.events()
            try host.firewall.apply(host.state)
            try host.addTask("a", groups: [Sample.id("sg", 1)])
            try host.move("a", to: [Sample.id("sg", 1), Sample.id("sg", 2)])
            try host.firewall.put(Sample.group(3))
            try host.firewall.deleteGroup(Sample.id("sg", 3))
            let own = try events.now()
            #expect(own.count > 2)
            #expect(host.firewall.byOthers(own) == [])
            #expect(host.firewall.byOthers(own + [.overflow]) == [.overflow])

            let ruleset = Ruleset(in: host.test.namespace)
            try ruleset.apply("add table inet other; add table ip tasknet; add chain inet other forward")
            #expect(host.firewall.byOthers(try events.now()) == [])
            try host.firewall.put(Sample.group(4))
            try ruleset.apply("insert rule inet tasknet forward accept")
            try ruleset.apply("delete table arp tasknet")
            try host.firewall.apply(host.state)
            let mixed = try events.now()
            let tables = host.firewall.byOthers(mixed).map { event in
                guard case .transaction(let transaction) = event else { return [] as Set<TableID> }
                return transaction.tables
            }
            #expect(mixed.count == 4)
            #expect(tables == [[TableID(.inet, "tasknet")], [TableID(.arp, "tasknet")]])
            try host.firewall.removeAll()
            #expect(host.firewall.byOthers(try events.now()) == [])
        }
    }

    @Test func countersWithoutTables() throws {
        try VPCHost.with { host in
            try host.firewall.apply(host.state)
            try Ruleset(in: host.test.namespace).apply("delete table arp tasknet")
            #expect(throws: FirewallError.missingTable("arp tasknet")) { try host.firewall.counters() }
        }
    }

    /// What the check does not look at is written anew too.
    @Test func switchedOff() throws {
        try VPCHost.with { host in
            try host.firewall.apply(host.state)
            let before = try run(["nft", "list", "ruleset"], in: host.test.namespace).output
            try run(["nft", "add table inet tasknet { flags dormant; }"], in: host.test.namespace)
            try host.firewall.apply(host.state)
            #expect(try run(["nft", "list", "ruleset"], in: host.test.namespace).output == before)
        }
    }
}
