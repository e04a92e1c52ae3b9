// SPDX-License-Identifier: Apache-2.0
import Addressing
import Firewall
import Netfilter
import TestSupport
import Testing
import VPC

@Suite(.requiresRoot) struct ConnectionTests {
    private func withTasks(_ body: (VPCHost, Traffic) throws -> Void) throws {
        try VPCHost.with { host in
            host.state.securityGroups = [
                Sample.group(1, try Sample.allOut(1)),
                Sample.group(2, [Sample.rule(10, .ingress, .tcp, 80, 80, try Sample.peer("10.0.0.0/16"))]),
            ]
            try host.firewall.apply(host.state)
            try host.addTask("a", groups: [Sample.id("sg", 1)])
            try host.addTask("b", groups: [Sample.id("sg", 2)])
            try body(host, try Traffic(host))
        }
    }

    private func probe(
        _ host: VPCHost, _ traffic: Traffic, _ from: String, _ to: String, _ ports: (UInt16, UInt16), _ flags: UInt8,
        isAllowed: Bool
    ) throws -> Traffic.Probe {
        traffic.probe(
            .task(from), .task(to), .v4(try #require(try host.task(from).eni.primaryIPv4)),
            .v4(try #require(try host.task(to).eni.primaryIPv4)),
            .tcp(source: ports.0, destination: ports.1, flags: flags), isAllowed: isAllowed)
    }

    private static let synAck = Packet.syn | Packet.ack

    /// As in EC2, a connection outlives the rule that let it in, until it is ended; it is never picked up again.
    @Test func revokedConnections() throws {
        try withTasks { host, traffic in
            let handshake = [
                try probe(host, traffic, "b", "a", (80, 1000), Self.synAck, isAllowed: false),
                try probe(host, traffic, "a", "b", (1000, 80), Packet.ack, isAllowed: false),
                try probe(host, traffic, "a", "b", (1000, 80), Packet.syn, isAllowed: true),
                try probe(host, traffic, "b", "a", (80, 1000), Self.synAck, isAllowed: true),
                try probe(host, traffic, "a", "b", (1000, 80), Packet.ack, isAllowed: true),
            ]
            // One by one: each depends on what became of the one before.
            for packet in handshake { #expect(try traffic.unexpected([packet]).map(\.packet.transport) == []) }
            let rules = try host.firewall.counters()
            #expect(rules.rules[Sample.id("sgr", 10)]?.packets == 1)
            #expect(rules.general[.established]?.packets == 2)
            #expect(rules.general[.halfOpen]?.packets == 1)
            #expect(rules.general[.invalid]?.packets == 1)

            try host.firewall.put(Sample.group(2))
            let more = try probe(host, traffic, "a", "b", (1000, 80), Packet.ack, isAllowed: true)
            #expect(try traffic.unexpected([more]).isEmpty)
            let revoked = try host.firewall.trackedConnections().filter { $0.judged.transport.number == 6 }
            #expect(revoked.count == 1)
            try host.firewall.end(revoked)
            for packet in [
                try probe(host, traffic, "a", "b", (1000, 80), Packet.ack, isAllowed: false),
                try probe(host, traffic, "b", "a", (80, 1000), Packet.ack, isAllowed: false),
                try probe(host, traffic, "a", "b", (1000, 80), Packet.syn, isAllowed: false),
            ] { #expect(try traffic.unexpected([packet]).map(\.packet.transport) == []) }
        }
    }

    /// What an ENI had to do with others ends with it; theirs go on.
    @Test func connectionsOfAnAddress() throws {
        try withTasks { host, _ in
            try host.addTask("c", groups: [Sample.id("sg", 2)])
            let traffic = try Traffic(host)
            let (b, c) = (try host.task("b"), try host.task("c"))
            for name in ["b", "c"] {
                let first = try probe(host, traffic, "a", name, (1000, 80), Packet.syn, isAllowed: true)
                let second = try probe(host, traffic, name, "a", (80, 1000), Self.synAck, isAllowed: true)
                for packet in [first, second] { #expect(try traffic.unexpected([packet]).isEmpty) }
            }
            try host.firewall.endConnections(of: b.eni.addresses)
            let after = [
                try probe(host, traffic, "a", "b", (1000, 80), Packet.ack, isAllowed: false),
                try probe(host, traffic, "b", "a", (80, 1000), Packet.ack, isAllowed: false),
                try probe(host, traffic, "a", "c", (1000, 80), Packet.ack, isAllowed: true),
            ]
            #expect(try traffic.unexpected(after).map(\.packet.source) == [])
            try host.firewall.endConnections(of: c.eni.addresses + b.eni.addresses)
            let last = try probe(host, traffic, "a", "c", (1000, 80), Packet.ack, isAllowed: false)
            #expect(try traffic.unexpected([last]).isEmpty)
        }
    }

    /// What nobody has any more does not make each change dearer for ever.
    @Test func idleCombinations() throws {
        try withTasks { host, _ in
            let groups = (21...90).map { Sample.group($0) }
            for group in groups { try host.firewall.put(group) }
            host.state.securityGroups += groups
            for group in groups { try host.move("b", to: [group.id]) }
            #expect(host.firewall.combinations.all.count < groups.count)
            #expect(try host.firewall.check(host.state) == [])
            try host.move("b", to: [Sample.id("sg", 21)])
            #expect(try host.firewall.check(host.state) == [])
        }
    }

    /// Before and after each change one port is open and another closed, by other rules, groups or lists: not one packet
    /// fares otherwise in between.
    @Test func changesAreAtomic() throws {
        try withTasks { host, traffic in
            let any = try Sample.peer("0.0.0.0/0")
            func group(_ number: Int, rule: Int) -> SecurityGroup {
                Sample.group(
                    number, [Sample.rule(rule, .ingress, .udp, Int(Flood.open), Int(Flood.open), any)])
            }
            for number in 21...23 {
                try host.firewall.put(group(number, rule: number))
                host.state.securityGroups.append(group(number, rule: number))
            }
            try host.move("b", to: [Sample.id("sg", 21)])
            let result = try Flood.during(host, from: try host.task("a"), to: try host.task("b")) {
                for round in 0..<100 {
                    switch round % 4 {
                    case 0: try host.move("b", to: [Sample.id("sg", 22), Sample.id("sg", 23)])
                    case 1:
                        host.state.securityGroups[3] = group(22, rule: 100 + round)
                        try host.firewall.put(host.state.securityGroups[3])
                    case 2: try host.move("b", to: [Sample.id("sg", 21)])
                    default: try host.firewall.apply(host.state)
                    }
                }
            }
            #expect(result.refused == 0)
            #expect(result.admitted == 0)
            #expect(result.all > 100)
            #expect(try host.firewall.check(host.state) == [])
        }
    }
}
