// SPDX-License-Identifier: Apache-2.0
import Addressing
import Firewall
import Glibc
import Netfilter
import TestSupport
import Testing
import VPC

/// What a task says that is not its own to say.
@Suite(.requiresRoot) struct SpoofingTests {
    /// Tasks "a" (groups that allow all) and "b", each with an open group, so that nothing but the source decides.
    private func withTasks(_ body: (VPCHost, Traffic) throws -> Void) throws {
        try VPCHost.with { host in
            host.state.securityGroups = [Sample.group(1, try Sample.allOut(1) + Sample.allIn(3))]
            host.state.host.securityGroupIDs = [Sample.id("sg", 1)]
            try host.firewall.apply(host.state)
            try host.addTask("a", groups: [Sample.id("sg", 1)])
            try host.addTask("b", subnet: 2, groups: [Sample.id("sg", 1)])
            try body(host, try Traffic(host))
        }
    }

    @Test(arguments: [
        "10.0.1.77", "10.0.1.1", "10.0.2.5", "203.0.113.9", "127.0.0.1", "0.0.0.0", "2001:db8:0:1::77",
        "2001:db8:0:1::1", "2001:db8:0:2::5", "fe80::1", "fe80::1234", "2001:db8:ffff::9", "::",
    ])
    func sourceAddress(_ source: String) throws {
        try withTasks { host, traffic in
            let (a, b) = (try host.task("a"), try host.task("b"))
            let source = try IPAddress(parsing: source)
            let (own, other): (IPAddress, IPAddress) =
                source.family == .v4
                ? (.v4(try #require(a.eni.primaryIPv4)), .v4(try #require(b.eni.primaryIPv4)))
                : (.v6(try #require(a.eni.primaryIPv6)), .v6(try #require(b.eni.primaryIPv6)))
            let before = try host.counters("a").spoofed.packets
            let probes = [
                traffic.probe(.task("a"), .task("b"), own, other, .udp(source: 1, destination: 2), isAllowed: true),
                traffic.probe(.task("a"), .task("b"), source, other, .udp(source: 1, destination: 2), isAllowed: false),
            ]
            #expect(try traffic.unexpected(probes).map(\.packet).isEmpty)
            #expect(try host.counters("a").spoofed.packets == before + 1)
            #expect(try host.counters("b").spoofed.packets == 0)
        }
    }

    /// Where the host lets loopback addresses in by its links, what listens there is still not for tasks.
    @Test func loopbackOfTheHost() throws {
        try withTasks { host, traffic in
            try host.run("sysctl -qw net.ipv4.conf.all.route_localnet=1")
            let a = try #require(try host.task("a").eni.primaryIPv4)
            let probes = try ["127.0.0.1", "127.255.0.9"].map { address in
                traffic.probe(
                    .task("a"), .host, .v4(a), try IPAddress(parsing: address),
                    .tcp(source: 1, destination: 8099, flags: Packet.syn), isAllowed: false)
            }
            #expect(try traffic.unexpected(probes).map(\.packet.destination) == [])
            #expect(try host.firewall.counters().general[.loopback]?.packets == 2)
        }
    }

    @Test func macAddress() throws {
        try withTasks { host, traffic in
            let (a, b) = (try host.task("a"), try host.task("b"))
            let before = try traffic.drops()
            let packet = Packet(
                source: .v4(try #require(a.eni.primaryIPv4)), destination: .v4(try #require(b.eni.primaryIPv4)),
                transport: .udp(source: 1, destination: 2), number: 1)
            try traffic.wire(of: .task("a")) { try $0.send(packet, from: b.eni.macAddress) }
            try until { try traffic.drops() == before + 1 }
            #expect(try host.counters("a").spoofed.packets == 1)
        }
    }

    @Test func anotherOnesAddressInARP() throws {
        try withTasks { host, traffic in
            let (a, b) = (try host.task("a"), try host.task("b"))
            let own = try #require(a.eni.primaryIPv4)
            let gateway = try IPv4Address(parsing: "10.0.1.1")
            let requests: [(MACAddress, IPv4Address, Bool)] = [
                (a.eni.macAddress, own, true), (a.eni.macAddress, .any, true), (a.eni.macAddress, gateway, false),
                (a.eni.macAddress, try #require(b.eni.primaryIPv4), false), (b.eni.macAddress, own, false),
            ]
            var expected = try host.counters("a").spoofed.packets
            for (mac, source, isOwn) in requests {
                try traffic.wire(of: .task("a")) {
                    try $0.send(Packet.arpRequest(from: mac, source, for: gateway), 0x0806)
                }
                if isOwn { continue }
                expected += 1
                try until { try host.counters("a").spoofed.packets >= expected }
            }
            #expect(try host.counters("a").spoofed.packets == expected)
        }
    }

    @Test func neighbourDiscovery() throws {
        try withTasks { host, traffic in
            let (a, b) = (try host.task("a"), try host.task("b"))
            let own = try #require(a.eni.primaryIPv6)
            let local = IPv6Address.linkLocal(of: a.eni.macAddress)
            let router = try IPAddress(parsing: "fe80::1")
            let all = try IPAddress(parsing: "ff02::1")
            let forged: [(UInt8, IPv6Address)] = [
                (136, try #require(b.eni.primaryIPv6)), (136, try #require(router.v6)), (134, own), (137, own),
            ]
            var expected = try host.counters("a").spoofed.packets
            for target in [own, local] {
                for source in [own, local] {
                    try send(136, source, router, target, traffic, a.eni.macAddress)
                }
            }
            for (type, target) in forged {
                for destination in [router, all] {
                    try send(type, local, destination, target, traffic, a.eni.macAddress)
                    expected += 1
                    try until { try host.counters("a").spoofed.packets >= expected }
                }
            }
            #expect(try host.counters("a").spoofed.packets == expected)
        }
    }

    /// What an ENI sends that does not pass the host's stack can come back by the link that it is on.
    @Test func fromOutsideAsAnENIElsewhere() throws {
        try withTasks { host, traffic in
            let b = try host.task("b")
            func member(_ number: Int, _ arrival: FirewallMember.Arrival) throws -> FirewallMember {
                FirewallMember(
                    eniID: "eni-\(number)",
                    addresses: try ["10.0.1.\(number)", "2001:db8:0:1::\(number)"].map { try IPAddress(parsing: $0) },
                    securityGroupIDs: [Sample.id("sg", 1)], arrival: arrival)
            }
            host.state.interfacesElsewhere = [
                try member(201, .link("uplink")), try member(202, .link("other")), try member(203, .nowhere),
            ]
            try host.firewall.apply(host.state)
            try host.firewall.add(try member(204, .anywhere))
            try host.firewall.add(try member(205, .link("other#")))
            let probes = try [201: true, 202: false, 203: false, 204: true, 205: false].flatMap { number, isAllowed in
                try [("10.0.1.\(number)", b.ipv4), ("2001:db8:0:1::\(number)", b.ipv6)].map { source, destination in
                    traffic.probe(
                        .outside, .task("b"), try IPAddress(parsing: source), try IPAddress(parsing: destination),
                        .udp(source: 1, destination: 2), isAllowed: isAllowed)
                }
            }
            #expect(try traffic.unexpected(probes).map(\.packet.source) == [])
            #expect(try host.firewall.counters().general[.forgedOutside]?.packets == 6)
            for number in [204, 205] {
                try host.firewall.remove(try member(number, number == 204 ? .anywhere : .nowhere))
            }
        }
    }

    /// They would wait in the host's memory for the rest to come, of which there is not much.
    @Test(arguments: ["10.0.1.77", "2001:db8:0:1::77"]) func fragments(source: String) throws {
        try withTasks { host, traffic in
            let source = try IPAddress(parsing: source)
            let b = try #require(try host.task("b").eni.addresses.first { $0.family == source.family })
            let before = try host.counters("a").spoofed.packets
            let packet = Packet(source: source, destination: b, transport: .udp(source: 1, destination: 2), number: 1)
            let type: UInt16 = source.family == .v4 ? 0x0800 : 0x86DD
            try traffic.wire(of: .task("a")) { try $0.send(packet.firstFragment, type) }
            try until { try host.counters("a").spoofed.packets > before }
            #expect(try host.counters("a").spoofed.packets == before + 1)
        }
    }

    /// What is judged is where a packet says that it goes, which such options change later.
    @Test(arguments: [UInt8(131), 137]) func sourceRoutes(option: UInt8) throws {
        try withTasks { host, traffic in
            try host.run("sysctl -qw net.ipv4.conf.all.accept_source_route=1")
            let a = try #require(try host.task("a").eni.primaryIPv4)
            let packet = Packet(
                source: .v4(a), destination: try IPAddress(parsing: "203.0.113.1"),
                transport: .udp(source: 1, destination: 2), number: 1)
            let bytes = packet.routed(option, by: try IPv4Address(parsing: "169.254.169.254"))
            let before = try host.counters("a").spoofed.packets
            try traffic.wire(of: .task("a")) { try $0.send(bytes, 0x0800) }
            try until { try host.counters("a").spoofed.packets == before + 1 }
        }
    }

    /// Who refuses a packet has to be who it was for: else anybody could end what others say to each other.
    @Test(arguments: IPFamily.allCases) func icmpErrors(family: IPFamily) throws {
        try withTasks { host, _ in
            try host.addTask("c", groups: [Sample.id("sg", 1)])
            let traffic = try Traffic(host)
            func address(_ name: String) throws -> IPAddress {
                try #require(try host.task(name).eni.addresses.first { $0.family == family })
            }
            let (a, b, c) = (try address("a"), try address("b"), try address("c"))
            var quoted = traffic.probe(
                .task("a"), .task("b"), a, b, .udp(source: 1, destination: 2), isAllowed: true)
            #expect(try traffic.unexpected([quoted]).isEmpty)
            let before = try host.counters("c").spoofed.packets
            let type: UInt16 = family == .v4 ? 0x0800 : 0x86DD
            for (name, source) in [("c", c), ("b", b)] {
                quoted.packet.number += 1
                try traffic.wire(of: .task(name)) {
                    try $0.send(Packet.portUnreachable(quoted.packet, from: source, to: a), type)
                }
            }
            // The second one's comes later.
            var received: [UInt32] = []
            try until {
                received += traffic.received(.task("a"))
                return received.contains(quoted.packet.number)
            }
            #expect(!received.contains(quoted.packet.number - 1))
            #expect(try host.counters("c").spoofed.packets == before + 1)
            #expect(try host.counters("b").spoofed.packets == 0)
        }
    }

    private func send(
        _ type: UInt8, _ source: IPv6Address, _ destination: IPAddress, _ target: IPv6Address, _ traffic: Traffic,
        _ mac: MACAddress
    ) throws {
        let packet = Packet.neighbourDiscovery(type, from: .v6(source), to: destination, target: target, mac)
        try traffic.wire(of: .task("a")) { try $0.send(packet, 0x86DD) }
    }

    /// Membership goes by address, so nobody outside may have one of the VPC's.
    @Test func fromOutside() throws {
        try withTasks { host, traffic in
            let (a, b) = (try host.task("a"), try host.task("b"))
            let probes = try [
                ("203.0.113.9", b.ipv4, true), (a.ipv4, b.ipv4, false), ("10.0.2.1", b.ipv4, false),
                ("10.0.77.1", b.ipv4, false), ("2001:db8:ffff::9", b.ipv6, true), (a.ipv6, b.ipv6, false),
                ("2001:db8:0:2::1", b.ipv6, false),
            ].map { source, destination, isAllowed in
                traffic.probe(
                    .outside, .task("b"), try IPAddress(parsing: source), try IPAddress(parsing: destination),
                    .udp(source: 1, destination: 2), isAllowed: isAllowed)
            }
            #expect(try traffic.unexpected(probes).map(\.packet).isEmpty)
            #expect(try host.firewall.counters().general[.forgedOutside]?.packets == 5)
        }
    }
}

/// Waits for the kernel to have done something that cannot be waited for.
func until(_ isTrue: () throws -> Bool) throws {
    let deadline = ContinuousClock.now.advanced(by: .seconds(30))
    while try !isTrue(), ContinuousClock.now < deadline { usleep(200) }
    #expect(try isTrue())
}
