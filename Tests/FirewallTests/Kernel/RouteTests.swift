// SPDX-License-Identifier: Apache-2.0
import Addressing
import Firewall
import Netfilter
import TestSupport
import Testing
import VPC

/// What a subnet's route lets out and in, with groups that allow everything.
@Suite(.requiresRoot) struct RouteTests {
    private func withTasks(_ body: (VPCHost) throws -> Void) throws {
        try VPCHost.with { host in
            host.state.securityGroups = [Sample.group(1, try Sample.allOut(1) + Sample.allIn(3))]
            host.state.host.securityGroupIDs = [Sample.id("sg", 1)]
            try host.firewall.apply(host.state)
            for (name, subnet) in [("nat", 1), ("public", 2), ("none", 3)] {
                try host.addTask(name, subnet: subnet, groups: [Sample.id("sg", 1)])
            }
            try body(host)
        }
    }

    private func expect(_ isAnswered: Bool, _ address: String, from name: String, _ host: VPCHost) throws {
        let answers = try host.answers(address, to: try host.task(name).namespace, expected: isAnswered)
        #expect(answers == isAnswered, "\(name) to \(address)")
    }

    /// Outside has no way back to the VPC: what comes back came with the host's address.
    @Test(arguments: ["203.0.113.9", "2001:db8:ffff::9"])
    func masquerade(outside: String) throws {
        try withTasks { host in
            let isV6 = outside.contains(":")
            try host.run(
                "ip \(isV6 ? "-6" : "-4") route del \(isV6 ? "2001:db8::/48" : "10.0.0.0/16")", in: host.outside)
            if !isV6 { try host.run("ip route del default", in: host.outside) }
            try expect(true, outside, from: "nat", host)
            try expect(false, outside, from: "public", host)
            try expect(false, outside, from: "none", host)
            try host.run(
                "ip \(isV6 ? "-6" : "-4") route add \(isV6 ? "2001:db8::/48" : "10.0.0.0/16") dev eth0 via "
                    + (isV6 ? "2001:db8:ffff::1" : "203.0.113.1"), in: host.outside)
            try expect(true, outside, from: "public", host)
            #expect(try host.firewall.counters().general[.noRoute]?.packets == 1)
            // Within the VPC nobody is taken for the host.
            let other = try host.task("none")
            try expect(true, isV6 ? other.ipv6 : other.ipv4, from: "nat", host)
            let connection = try NetfilterConnection(in: host.test.namespace)
            let tracked = try connection.trackedConnections()
            let within = tracked.filter { $0.original.destination.description == (isV6 ? other.ipv6 : other.ipv4) }
            #expect(within.count == 1 && within.allSatisfy { !$0.status.contains(.sourceNAT) })
            #expect(tracked.contains { $0.status.contains(.sourceNAT) })
        }
    }

    @Test func fromOutside() throws {
        try withTasks { host in
            for name in ["nat", "public", "none"] {
                let task = try host.task(name)
                for address in [task.ipv4, task.ipv6] {
                    let isPublic = name == "public"
                    let answers = try host.answers(address, to: host.outside, expected: isPublic)
                    #expect(answers == isPublic, "\(name) \(address)")
                }
            }
            #expect(try host.firewall.counters().general[.notPublic]?.packets == 4)
        }
    }

    /// What is in the VPC and nobody's does not leave by the host's default route.
    @Test func nobodysAddress() throws {
        try withTasks { host in
            try expect(false, "10.0.77.1", from: "nat", host)
            let counters = try host.firewall.counters()
            #expect(counters.general[.nobody]?.packets == 1)
        }
    }

    @Test func instanceMetadata() throws {
        try withTasks { host in
            let traffic = try Traffic(host)
            func probes(isAllowed: Bool, port: UInt16) throws -> [Traffic.Probe] {
                try InstanceMetadata.addresses.map { address in
                    traffic.probe(
                        .task("nat"), .outside,
                        try #require(try host.task("nat").eni.addresses.first { $0.family == address.family }), address,
                        .tcp(source: port, destination: 80, flags: Packet.syn), isAllowed: isAllowed)
                }
            }
            #expect(try traffic.unexpected(try probes(isAllowed: true, port: 1)).isEmpty)
            host.state.blocksInstanceMetadata = true
            try host.firewall.apply(host.state)
            #expect(try traffic.unexpected(try probes(isAllowed: false, port: 2)).isEmpty)
            #expect(try host.firewall.counters().general[.blockedMetadata]?.packets == 2)
        }
    }

    /// The NAT gateway takes no port that a service of the host's could have: what is said to that would go to a task.
    @Test func portsOfTheHost() throws {
        try withTasks { host in
            let traffic = try Traffic(host)
            let probes = try [("203.0.113.9", UInt16(500)), ("2001:db8:ffff::9", 500)].map { destination, port in
                let destination = try IPAddress(parsing: destination)
                let own = try #require(try host.task("nat").eni.addresses.first { $0.family == destination.family })
                return traffic.probe(
                    .task("nat"), .outside, own, destination, .udp(source: port, destination: 500), isAllowed: true)
            }
            #expect(try traffic.unexpected(probes).isEmpty)
            let ports = try host.firewall.trackedConnections().compactMap { connection -> UInt16? in
                guard connection.status.contains(.sourceNAT),
                    case .ports(17, source: 500, let port) = connection.reply.transport
                else { return nil }
                return port
            }
            #expect(ports.count == 2)
            #expect(ports.allSatisfy { (32_768...60_999).contains($0) }, "\(ports)")
        }
    }

    /// An interface that forwards for the tasks' sake forwards nothing else; the others are left alone.
    @Test func routersForTasks() throws {
        try withTasks { host in
            try host.run("ip link add other type veth peer name inside netns \(host.test.namespacePath("outside"))")
            try host.run("ip addr add 198.51.100.1/24 dev other")
            try host.run("ip link set other up")
            try host.run("ip link set inside up", in: host.outside)
            try host.run("ip neigh add 198.51.100.9 lladdr 0a:00:00:00:00:01 dev other nud permanent")
            let ping = ["ping", "-n", "-c", "1", "-W", "1", "198.51.100.9"]
            _ = try attempt(ping, in: host.outside)
            #expect(try host.firewall.counters().general[.onlyForTasks]?.packets == 0)
            // For IPv6 alone: what others have IPv4 forwarded for goes on.
            host.state.routersForTasks = [.v6: ["uplink"]]
            try host.firewall.apply(host.state)
            _ = try attempt(ping, in: host.outside)
            #expect(try host.firewall.counters().general[.onlyForTasks]?.packets == 0)
            host.state.routersForTasks = [.v4: ["uplink"], .v6: ["uplink"]]
            try host.firewall.apply(host.state)
            _ = try attempt(ping, in: host.outside)
            #expect(try host.firewall.counters().general[.onlyForTasks]?.packets == 1)
            try expect(true, "203.0.113.9", from: "nat", host)
            #expect(try host.firewall.check(host.state) == [])
        }
    }
}
