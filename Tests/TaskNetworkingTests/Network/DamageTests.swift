// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import SystemPackage
import TestSupport
import Testing
import VPC

@testable import TaskNetworking

/// Damage of each kind, to a task with a veth and a NIC: it is seen for what it is and nothing else, mended, and what
/// others have added stays.
@Suite(.requiresRoot) struct DamageTests {
    /// A command, on which side, and the requirements that it makes untrue, by the beginnings of their descriptions.
    struct Damage: Sendable, CustomTestStringConvertible {
        let command: String
        let isInTask: Bool
        let drifts: [String]

        static func task(_ command: String, _ drifts: String...) -> Damage {
            Damage(command: command, isInTask: true, drifts: drifts)
        }

        static func host(_ command: String, _ drifts: String...) -> Damage {
            Damage(command: command, isInTask: false, drifts: drifts)
        }

        var testDescription: String { command }
    }

    static let damages: [Damage] = [
        .task("ip link set lo alias mine", "lo up: expected alias tasknet task, found alias mine"),
        .task("ip link set eth1 mtu 1400", "device nic0 as eth1: expected MTU 1452, found MTU 1400"),
        .task(
            "ip link set eth1 address 02:00:00:00:00:78",
            "device nic0 as eth1: expected MAC address 02:11:22:33:44:77, found MAC address 02:00:00:00:00:78"),
        .task(
            "ip link set eth1 down", "device nic0 as eth1: expected state up, found state down",
            "default route via 10.0.2.1 on eth1 in table 10001", "route 10.0.2.0/24 on eth1 in table 10001"),
        .task("ip addr del 10.0.2.6/24 dev eth1", "address 10.0.2.6/24 on eth1", "default route", "route 10.0.2.0/24"),
        .task("ip route del default table 10001", "default route via 10.0.2.1 on eth1 in table 10001"),
        .task(
            "ip route del blackhole 169.254.169.254 table 10001", "blackhole route 169.254.169.254/32 in table 10001"),
        .task("ip -6 route del blackhole fd00:ec2::254", "blackhole route fd00:ec2::254/128"),
        .task("ip rule del from 10.0.2.6 lookup 10001", "rule from 10.0.2.6/32 to table 10001"),
        .task("ip addr del fe80::FF dev eth0", "address fe80::"),
        .task("ip neigh del fe80::1 dev eth0", "neighbour fe80::1 on eth0"),
        .task("sysctl -w net.ipv4.conf.eth0.rp_filter=1", "settings of eth0: expected rp_filter 2, found rp_filter 1"),
        .host("ip -6 neigh del 2001:db8:0:1::5 dev HOST", "neighbour 2001:db8:0:1::5 on HOST"),
        .host("ip link set HOST group 7", "veth pair eth0 and HOST: expected HOST link group"),
        // The kernel forgets a link's neighbours with its MAC.
        .host(
            "ip link set HOST address 02:00:00:00:00:79", "veth pair eth0 and HOST: expected HOST MAC address",
            "neighbour 10.0.1.5 on HOST", "neighbour 2001:db8:0:1::5 on HOST"),
        .task("ip route del 10.0.1.0/24", "address 10.0.1.5/24 on eth0: expected a route to 10.0.1.0/24, found no"),
        .host("ip link set HOST alias theirs", "host end HOST: expected alias"),
        .host("ip route replace 10.0.1.5/32 dev lo proto 84", "host route 10.0.1.5/32 on HOST"),
        .host("rm DIRECTORY/resolv.conf", "file DIRECTORY/resolv.conf: expected present, found missing"),
        .host("cp /etc/passwd DIRECTORY/hostname", "file DIRECTORY/hostname: expected its text, found another text"),
    ]

    @Test(arguments: damages)
    func isSeenAloneAndMended(damage: Damage) throws {
        try Self.withTask { host, plan, eni in
            try addForeign(host)
            #expect(try host.network.check(plan) == [])
            func text(_ text: String) -> String {
                text.replacing("HOST", with: eni.hostLink).replacing("DIRECTORY", with: host.test.directory.string)
                    .replacing("fe80::FF", with: "\(IPAddress.v6(.linkLocal(of: eni.macAddress)))/64")
            }
            try host.run(text(damage.command), in: damage.isInTask ? "task" : nil)
            let found = try host.network.check(plan).map(\.description)
            #expect(found.count == damage.drifts.count, "\(found)")
            for drift in damage.drifts { #expect(found.contains { $0.hasPrefix(text(drift)) }, "\(drift): \(found)") }
            _ = try host.network.repair(plan)
            #expect(try host.network.check(plan) == [])
            #expect(try host.reaches("10.0.1.5"))
            #expect(try host.reaches("2001:db8:0:1::5"))
            try requireForeign(host)
        }
    }

    /// What is all over with a link: seen, whatever the kernel takes with it, and mended.
    @Test(arguments: [
        "ip link set eth0 down", "ip link del eth0", "ip link set eth1 down; ip link set eth1 name other",
        "ip link set eth0 down; ip link set eth0 name other; ip link set eth0 up", "ip addr flush dev eth0",
        "ip route flush table main; ip -6 route flush table main", "ip neigh flush all; ip link set lo down",
        "ip link set eth1 down; ip link set eth1 address 02:00:00:00:00:78 name mine mtu 1300",
    ])
    func ofAWholeLinkIsMended(commands: String) throws {
        try Self.withTask { host, plan, _ in
            try TestSupport.run(["sh", "-c", commands + "; true"], in: try host.namespace("task"))
            #expect(try !host.network.check(plan).isEmpty)
            _ = try host.network.repair(plan)
            #expect(try host.network.check(plan) == [])
            #expect(try host.reaches("10.0.1.5"))
            #expect(host.network.teardown(plan).errors.isEmpty)
            #expect(try host.hostLinks().contains("nic0"))
        }
    }

    private static func withTask(_ body: (PathHost, TaskNetworkPlan, NetworkInterface) throws -> Void) throws {
        try PathHost.with { host in
            let mac = "02:11:22:33:44:77"
            try host.run("ip link add nic0 mtu 1452 address \(mac) type veth peer name wire0 mtu 1452")
            try host.run("ip link set wire0 up")
            let eni = try Sample.eni(5, .dual)
            var second = try Sample.eni(6, subnet: 2, index: 1)
            second.macAddress = try MACAddress(parsing: mac)
            let device = try host.network.hostDevice(macAddress: second.macAddress)
            let interfaces = [
                InterfaceRequest(networkInterface: eni, attachment: .veth, linkGroup: 0x746e_0001),
                InterfaceRequest(networkInterface: second, attachment: .device(device), mtu: 1452),
            ]
            let directory = try AbsolutePath(host.test.directory.string)
            let plan = try host.plan("task", interfaces) {
                $0.filesDirectory = directory
                $0.blocksInstanceMetadata = true
            }
            _ = try host.network.apply(plan)
            try body(host, plan, eni)
        }
    }

    private static let foreign: [(add: String, show: [String], text: String)] = [
        ("ip addr add 192.0.2.77/24 dev eth0", ["ip", "addr", "show", "eth0"], "192.0.2.77/24"),
        ("ip route add 198.51.100.0/24 via 192.0.2.1", ["ip", "route"], "198.51.100.0/24 via 192.0.2.1"),
        ("ip link add theirs type bridge", ["ip", "link"], "theirs"),
        ("ip rule add from 192.0.2.77 table 99 pref 99", ["ip", "rule"], "99:"),
        ("ip neigh add 10.0.1.200 dev eth0 lladdr 02:00:00:00:00:99", ["ip", "neigh"], "10.0.1.200"),
    ]

    private func addForeign(_ host: PathHost) throws {
        for foreign in Self.foreign { try host.run(foreign.add, in: "task") }
    }

    private func requireForeign(_ host: PathHost) throws {
        for foreign in Self.foreign {
            let shown = try TestSupport.run(foreign.show, in: try host.namespace("task")).output
            #expect(shown.contains(foreign.text), "\(foreign.add)")
        }
    }
}
