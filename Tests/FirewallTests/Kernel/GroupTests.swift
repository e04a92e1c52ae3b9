// SPDX-License-Identifier: Apache-2.0
import Addressing
import Firewall
import Netfilter
import TestSupport
import Testing
import VPC

/// What groups let through, written down flow by flow.
@Suite(.requiresRoot) struct GroupTests {
    private static let open = 1, closed = 2, web = 3

    /// Tasks "open" (which may speak to all and hears nobody) and "web", with the rules that are tested.
    private func withRules(
        _ rules: [SecurityGroupRule], lists: [PrefixList] = [], _ body: (VPCHost, Traffic) throws -> Void
    ) throws {
        try VPCHost.with { host in
            host.state.securityGroups = [
                Sample.group(Self.open, try Sample.allOut(1)), Sample.group(Self.closed), Sample.group(Self.web, rules),
            ]
            host.state.prefixLists = lists
            host.state.host.securityGroupIDs = [Sample.id("sg", Self.open)]
            try host.firewall.apply(host.state)
            try host.addTask("open", groups: [Sample.id("sg", Self.open)])
            try host.addTask("closed", groups: [Sample.id("sg", Self.closed)])
            try host.addTask("web", subnet: 2, groups: [Sample.id("sg", Self.web)])
            try host.addTask("none", groups: [])
            try body(host, try Traffic(host))
        }
    }

    private func expect(
        _ host: VPCHost, _ traffic: Traffic, _ flows: [(String, String, IPFamily, Packet.Transport, Bool)]
    ) throws {
        let probes = try flows.map { from, to, family, transport, isAllowed in
            traffic.probe(
                .task(from), .task(to), try address(host, from, family), try address(host, to, family), transport,
                isAllowed: isAllowed)
        }
        let unexpected = try traffic.unexpected(probes).map { "\($0.from) to \($0.to): \($0.packet.transport)" }
        #expect(unexpected == [])
    }

    private func address(_ host: VPCHost, _ name: String, _ family: IPFamily) throws -> IPAddress {
        try #require(try host.task(name).eni.addresses.first { $0.family == family })
    }

    @Test func withoutGroupsNothingPasses() throws {
        try withRules([]) { host, traffic in
            try expect(
                host, traffic,
                IPFamily.allCases.flatMap { family in
                    [
                        ("none", "open", family, .udp(source: 1, destination: 2), false),
                        ("open", "none", family, .udp(source: 1, destination: 2), false),
                        ("none", "closed", family, .icmp(type: family == .v4 ? 8 : 128, code: 0, id: 1), false),
                    ]
                })
            #expect(try host.counters("none").deniedEgress.packets == 4)
            #expect(try host.counters("none").deniedIngress.packets == 2)
        }
    }

    @Test func protocolsAndPorts() throws {
        let any = try Sample.peer("0.0.0.0/0")
        let rules = [
            Sample.rule(10, .ingress, .tcp, 80, 90, any), Sample.rule(11, .ingress, .udp, 53, 53, any),
            Sample.rule(12, .ingress, .icmp, 8, nil, any), Sample.rule(13, .ingress, .icmp, 13, 1, any),
            Sample.rule(14, .ingress, .other(99), nil, nil, any),
            Sample.rule(15, .ingress, .icmpv6, 128, 0, try Sample.peer("2001:db8::/48")),
        ]
        try withRules(rules) { host, traffic in
            func tcp(_ port: UInt16) -> Packet.Transport { .tcp(source: 9, destination: port, flags: Packet.syn) }
            try expect(
                host, traffic,
                [
                    ("open", "web", .v4, tcp(79), false), ("open", "web", .v4, tcp(80), true),
                    ("open", "web", .v4, tcp(90), true), ("open", "web", .v4, tcp(91), false),
                    ("open", "web", .v6, tcp(80), false), ("open", "web", .v4, .udp(source: 9, destination: 53), true),
                    ("open", "web", .v4, .udp(source: 9, destination: 80), false),
                    ("open", "web", .v4, .icmp(type: 8, code: 3, id: 1), true),
                    ("open", "web", .v4, .icmp(type: 13, code: 0, id: 2), false),
                    ("open", "web", .v4, .icmp(type: 13, code: 1, id: 3), true),
                    ("open", "web", .v6, .icmp(type: 128, code: 0, id: 4), true),
                    ("open", "web", .v6, .icmp(type: 128, code: 1, id: 5), false),
                    ("open", "web", .v4, .other(99), true), ("open", "web", .v4, .other(98), false),
                    ("closed", "web", .v4, tcp(80), false), ("web", "open", .v4, tcp(80), false),
                ])
            let counters = try host.firewall.counters()
            #expect(counters.rules[Sample.id("sgr", 10)]?.packets == 2)
            #expect(counters.rules[Sample.id("sgr", 11)]?.packets == 1)
            #expect(counters.rules[Sample.id("sgr", 15)]?.packets == 1)
            #expect(try host.counters("closed").deniedEgress.packets == 1)
            #expect(try host.counters("web").deniedEgress.packets == 1)
        }
    }

    @Test func groupsAndPrefixListsAsPeers() throws {
        let list = PrefixList(
            id: Sample.id("pl", 1), name: "list",
            entries: try ["10.0.2.0/24", "10.0.0.0/16", "2001:db8:0:9::/64"].map {
                PrefixList.Entry(block: try CIDRBlock(parsing: $0))
            })
        let rules = [
            Sample.rule(10, .ingress, .tcp, 80, 80, .group(Sample.id("sg", Self.open))),
            Sample.rule(11, .ingress, .tcp, 81, 81, .prefixList(list.id)),
            Sample.rule(12, .ingress, .tcp, 82, 82, .group(Sample.id("sg", 77))),
        ]
        try withRules(rules, lists: [list]) { host, traffic in
            func tcp(_ port: UInt16) -> Packet.Transport { .tcp(source: 9, destination: port, flags: Packet.syn) }
            func tcp2(_ port: UInt16) -> Packet.Transport { .tcp(source: 10, destination: port, flags: Packet.syn) }
            try expect(
                host, traffic,
                [
                    ("open", "web", .v4, tcp(80), true), ("open", "web", .v6, tcp(80), true),
                    ("open", "web", .v4, tcp(81), true), ("open", "web", .v6, tcp(81), false),
                    ("open", "web", .v4, tcp(82), false),
                ])
            // The group that the rule has named in vain so far.
            try host.firewall.put(Sample.group(77, try Sample.allOut(20)))
            host.state.securityGroups.append(Sample.group(77, try Sample.allOut(20)))
            try host.move("open", to: [Sample.id("sg", 77)])
            try expect(
                host, traffic, [("open", "web", .v4, tcp2(80), false), ("open", "web", .v4, tcp2(82), true)])
            try host.firewall.put(PrefixList(id: list.id, name: "list", entries: []))
            try expect(host, traffic, [("open", "web", .v4, tcp2(81), false)])
            try host.move("open", to: [Sample.id("sg", Self.open)])
            try host.firewall.deleteGroup(Sample.id("sg", 77))
            host.state.securityGroups.removeLast()
            try host.firewall.deletePrefixList(list.id)
            host.state.prefixLists = []
            #expect(try host.firewall.check(host.state) == [])
        }
    }

    @Test func theDefaultGroupHearsItsMembers() throws {
        try VPCHost.with { host in
            let group = SecurityGroup.default(vpcID: Sample.vpcID)
            host.state.securityGroups = [group, Sample.group(1, try Sample.allOut(1) + Sample.allIn(3))]
            host.state.host.securityGroupIDs = [group.id]
            try host.firewall.apply(host.state)
            for name in ["a", "b"] { try host.addTask(name, groups: [group.id]) }
            try host.addTask("other", groups: [Sample.id("sg", 1)])
            let traffic = try Traffic(host)
            for family in IPFamily.allCases {
                try expect(
                    host, traffic,
                    [
                        ("a", "b", family, .udp(source: 1, destination: 2), true),
                        ("b", "a", family, .udp(source: 3, destination: 4), true),
                        ("other", "a", family, .udp(source: 1, destination: 2), false),
                        ("a", "other", family, .udp(source: 1, destination: 2), true),
                        // What answers is let through, whatever the rules say.
                        ("other", "a", family, .udp(source: 2, destination: 1), true),
                    ])
                let gateway = try #require(host.state.host.addresses.first { $0.family == family })
                let probes = try [("a", true), ("other", false)].flatMap { name, isAllowed in
                    [
                        traffic.probe(
                            .task(name), .host, try address(host, name, family), gateway,
                            .udp(source: 5, destination: 6), isAllowed: isAllowed),
                        traffic.probe(
                            .host, .task(name), gateway, try address(host, name, family),
                            .udp(source: 7, destination: 8), isAllowed: true),
                    ]
                }
                #expect(try traffic.unexpected(probes).map(\.packet.transport) == [])
            }
            #expect(try host.firewall.counters().general[.hostDeniedIngress]?.packets == 2)
        }
    }
}
