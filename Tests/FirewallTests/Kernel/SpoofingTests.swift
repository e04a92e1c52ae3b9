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
