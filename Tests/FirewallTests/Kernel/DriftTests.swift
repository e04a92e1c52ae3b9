// SPDX-License-Identifier: Apache-2.0
import Addressing
import Firewall
import Netfilter
import TestSupport
import Testing
import VPC

/// What others change is found, and put right by `apply`.
@Suite(.requiresRoot) struct DriftTests {
    private func withTask(_ body: (VPCHost) throws -> Void) throws {
        try VPCHost.with { host in
            let list = PrefixList(
                id: Sample.id("pl", 1), name: "list",
                entries: [
                    .init(block: try CIDRBlock(parsing: "10.0.0.0/9")),
                    .init(block: try CIDRBlock(parsing: "10.128.0.0/9")),
                ])
            host.state.prefixLists = [list]
            host.state.securityGroups = [
                Sample.group(1, try Sample.allOut(1) + [Sample.rule(3, .ingress, .tcp, 80, 80, .prefixList(list.id))]),
                Sample.group(2),
            ]
            host.state.interfacesElsewhere = [
                FirewallMember(
                    eniID: "eni-00000001", addresses: [try IPAddress(parsing: "10.0.1.200")],
                    securityGroupIDs: [Sample.id("sg", 1)], arrival: .link("uplink"))
            ]
            try host.firewall.apply(host.state)
            try host.addTask("a", groups: [Sample.id("sg", 1)])
            #expect(try host.firewall.check(host.state) == [])
            try body(host)
        }
    }

    @Test(arguments: [
        "delete table inet tasknet": "table inet tasknet is missing",
        "delete table arp tasknet": "table arp tasknet is missing",
        "flush chain inet tasknet sg-00000001-ingress":
            "the rules of chain inet tasknet sg-00000001-ingress were changed",
        "flush chain inet tasknet source": "the rules of chain inet tasknet source were changed",
        "insert rule inet tasknet forward accept": "the rules of chain inet tasknet forward were changed",
        "flush chain arp tasknet source-task": "the rules of chain arp tasknet source-task were changed",
        "add chain inet tasknet ours": "chain inet tasknet ours is not ours",
        "add set inet tasknet sg-00000003-4 { type ipv4_addr; }": "set inet tasknet sg-00000003-4 is not ours",
        "add counter inet tasknet foreign": "counter foreign is not ours",
        "add element inet tasknet sg-00000001-4 { 10.0.1.77 }":
            "set inet tasknet sg-00000001-4 has 0x0a00014d that should not be there",
        "flush set inet tasknet sg-00000001-4": "set inet tasknet sg-00000001-4 lacks 10.0.1.200, 10.0.1.4",
        "flush set inet tasknet pl-00000001-4": "set inet tasknet pl-00000001-4 lacks 10.0.0.0-10.255.255.255",
        "add element inet tasknet nat4 { 10.0.2.0/24 }":
            "set inet tasknet nat4 lacks 10.0.1.0-10.0.1.255 has 10.0.1.0-10.0.2.255 that should not be there",
        "add element inet tasknet spoofed { \"tn-other\" }":
            "set inet tasknet spoofed has 0x746e2d6f746865720000000000000000 that should not be there",
        "add element inet tasknet egress-moving { \"tn-x\" : accept }":
            "set inet tasknet egress-moving has 0x746e2d78000000000000000000000000 : accept that should not be there",
    ]) func foundAndMended(change: String, drift: String) throws {
        try withTask { host in
            let ruleset = Ruleset(in: host.test.namespace)
            try ruleset.apply(change + "\n")
            #expect(try host.firewall.check(host.state).map(\.description) == [drift])
            try host.firewall.apply(host.state)
            #expect(try host.firewall.check(host.state).map(\.description) == [])
        }
    }

    @Test func linkGroup() throws {
        try withTask { host in
            let name = try host.task("a").interface.hostName
            try host.run("ip link set \(name) group 7")
            #expect(
                try host.firewall.check(host.state) == [.linkGroup(interface: name, found: 7, wanted: 0x746E_0001)])
            try host.firewall.apply(host.state)
            #expect(try host.firewall.check(host.state) == [])
        }
    }

    /// In the place of a chain of ours somebody has one that cannot be made into it.
    @Test func whatCannotBeChanged() throws {
        try withTask { host in
            let ruleset = Ruleset(in: host.test.namespace)
            try ruleset.apply(
                """
                flush chain inet tasknet nat-gateway
                delete chain inet tasknet nat-gateway
                add chain inet tasknet nat-gateway { type filter hook input priority 5; }

                """)
            try host.firewall.apply(host.state)
            #expect(try host.firewall.check(host.state) == [])
        }
    }

    @Test func tablesOfAnotherVersion() throws {
        try withTask { host in
            let ruleset = Ruleset(in: host.test.namespace)
            try ruleset.apply(
                """
                delete table inet tasknet
                table inet tasknet { comment "ruleset-0"; set addresses4 { type ipv4_addr; }; chain x { }; }

                """)
            #expect(
                try host.firewall.check(host.state).map(\.description)
                    == ["table inet tasknet was made by another version"])
            try host.firewall.apply(host.state)
            #expect(try host.firewall.check(host.state) == [])
        }
    }

    /// Another daemon takes over: with the numbers of the last one no link is touched, without them all are given new ones.
    @Test func anotherDaemon() throws {
        try withTask { host in
            try host.move("a", to: [Sample.id("sg", 1), Sample.id("sg", 2)])
            let known = try Firewall(host: host.test.namespace, combinations: host.firewall.combinations)
            #expect(throws: FirewallError.notApplied) { try known.add(host.state.interfaces[0]) }
            try known.apply(host.state)
            #expect(try known.check(host.state) == [])
            #expect(known.combinations.linkGroups == [[Sample.id("sg", 1), Sample.id("sg", 2)]: 0x746E_0002])
            let anew = try Firewall(host: host.test.namespace)
            try anew.apply(host.state)
            #expect(try anew.check(host.state) == [])
            #expect(anew.combinations.linkGroups == [[Sample.id("sg", 1), Sample.id("sg", 2)]: 0x746E_0001])
        }
    }

    @Test func countersGoOn() throws {
        try withTask { host in
            let task = try host.task("a")
            _ = try attempt(["ping", "-n", "-c", "1", "-W", "1", "10.0.1.1"], in: task.namespace)
            let rule = Sample.id("sgr", 1)
            #expect(try host.firewall.counters().rules[rule]?.packets == 1)
            var group = host.state.securityGroups[0]
            group.rules = [group.rules[0], Sample.rule(9, .egress, .udp, nil, nil, .group(group.id))]
            try host.firewall.put(group)
            host.state.securityGroups[0] = group
            try host.firewall.apply(host.state)
            let counters = try host.firewall.counters()
            #expect(counters.rules.keys.sorted() == [rule, Sample.id("sgr", 9)])
            #expect(counters.rules[rule]?.packets == 1)
            #expect(counters.general[.hostDeniedIngress]?.packets == 1)
        }
    }

    @Test func removal() throws {
        try withTask { host in
            let interface = try host.task("a").interface
            host.state.interfaces = []
            for _ in 0..<2 {
                try host.firewall.remove(interface)
                #expect(try host.firewall.check(host.state) == [])
            }
            try host.firewall.remove(host.state.interfacesElsewhere[0])
            try host.firewall.add(host.state.interfacesElsewhere[0])
            #expect(try host.firewall.check(host.state) == [])
            try host.firewall.removeAll()
            try host.firewall.removeAll()
            try host.firewall.remove(interface)
            #expect(try Ruleset(in: host.test.namespace).list("list ruleset") == "")
        }
    }
}
