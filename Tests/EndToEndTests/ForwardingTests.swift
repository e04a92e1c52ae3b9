// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

@Suite("Forwarding by the host's uplinks", .requiresRoot)
struct ForwardingTests {
    static let subnet = """
        subnets:
        - {name: outgoing, id: subnet-0f, cidrBlock: 10.64.8.0/24, ipv6CidrBlock: 'fd00:64:0:8::/64'}

        """

    /// A namespace that is the outside, with an address and a way back, on a link of its own.
    private func addOutside(_ machine: Machine, _ name: String, _ net: Int) throws {
        for command in [
            "ip netns add \(name)",
            "ip link add wan\(net) type veth peer name eth0 netns \(name)",
            "ip addr add 192.0.\(net).2/24 dev wan\(net)",
            "ip addr add fd00:c0:0:\(net)::2/64 dev wan\(net) nodad",
            "ip link set wan\(net) up",
            "ip -n \(name) addr add 192.0.\(net).1/24 dev eth0",
            "ip -n \(name) addr add fd00:c0:0:\(net)::1/64 dev eth0 nodad",
            "ip -n \(name) link set eth0 up",
            "ip -n \(name) link set lo up",
            "ip -n \(name) addr add 203.0.113.9/32 dev lo",
            "ip -n \(name) addr add fd00:113::9/128 dev lo nodad",
            "ip -n \(name) route add default via 192.0.\(net).2",
            "ip -n \(name) -6 route add default via fd00:c0:0:\(net)::2",
        ] { try machine.run(command.split(separator: " ").map(String.init)) }
    }

    private func setDefault(_ machine: Machine, _ net: Int) throws {
        try machine.run(["ip", "route", "replace", "default", "via", "192.0.\(net).1"])
        try machine.run(["ip", "-6", "route", "replace", "default", "via", "fd00:c0:0:\(net)::1"])
    }

    private func forwarding(_ machine: Machine, _ link: String) throws -> String {
        try machine.run(["cat", "/proc/sys/net/ipv4/conf/\(link)/forwarding"])
    }

    @Test("on a host that forwards nothing tasks reach the outside, by whatever link, and all is off at the end")
    func reachesOutside() async throws {
        try await Machine.with(configuration: Self.subnet) { machine in
            #expect(try machine.run(["cat", "/proc/sys/net/ipv4/ip_forward"]) == "0\n")
            try addOutside(machine, "first", 1)
            try addOutside(machine, "second", 2)
            let arn = try #require(
                try await machine.runAndWait(AttachmentTests.sleeper, subnet: "outgoing")["taskArn"].text)
            let task = JSON.string(arn).id
            func reaches(_ address: String) throws -> Bool {
                try machine.attempt(["ip", "netns", "exec", task, "ping", "-c", "1", "-W", "2", address]).succeeded
            }
            #expect(try forwarding(machine, "wan1") == "0\n")
            try setDefault(machine, 1)
            try await machine.wait("wan1 forwards") { try forwarding(machine, "wan1") == "1\n" }
            #expect(try reaches("203.0.113.9"))
            try await machine.wait("IPv6 goes out") { try reaches("fd00:113::9") }
            #expect(try machine.run(["cat", "/proc/sys/net/ipv4/ip_forward"]) == "0\n")
            let host = { try machine.ask("DescribeHost", service: "TaskNetwork") }
            try await machine.wait("it is told") { try host()["forwardingLinks"].texts == ["wan1"] }

            // Nobody asks for it: the kernel tells.
            try setDefault(machine, 2)
            try await machine.wait("wan2 forwards") { try forwarding(machine, "wan2") == "1\n" }
            try await machine.wait("wan1 does not") { try forwarding(machine, "wan1") == "0\n" }
            #expect(try reaches("203.0.113.9"))

            // Somebody writes the host's own switch, to on and off again.
            for value in ["1", "0"] { try machine.run(["sysctl", "-qw", "net.ipv4.ip_forward=\(value)"]) }
            try await machine.wait("tasks are forwarded again") { try reaches("203.0.113.9") }

            // As Docker does it; the doctor tells, and nobody else's rules are touched.
            try machine.run(["iptables-nft", "-P", "FORWARD", "DROP"])
            #expect(try !reaches("203.0.113.9"))
            let doctor = try machine.tasknet(["doctor"]).output
            #expect(
                doctor.contains("chain FORWARD of table ip filter drops what tasks send to each other"), "\(doctor)")
            #expect(doctor.contains("IPv4 is forwarded on wan2"), "\(doctor)")
            for option in ["-i", "-o"] {
                try machine.run(["iptables-nft", "-I", "FORWARD", option, "tn-+", "-j", "ACCEPT"])
            }
            #expect(try reaches("203.0.113.9"))
            let mended = try machine.tasknet(["doctor"]).output
            #expect(mended.contains("no rules of others drop what tasks send through the host"), "\(mended)")

            // What a killed daemon had switched on is the next one's to switch off.
            try machine.endDaemon(SIGKILL)
            try setDefault(machine, 1)
            #expect(try forwarding(machine, "wan2") == "1\n")
            try machine.startDaemon()
            #expect(try forwarding(machine, "wan2") == "0\n")
            #expect(try forwarding(machine, "wan1") == "1\n")
            #expect(try reaches("203.0.113.9"))
            try await machine.stop(arn)
            try machine.endDaemon(SIGTERM)
            #expect(try forwarding(machine, "wan1") == "0\n")
            #expect(try machine.run(["cat", "/proc/sys/net/ipv4/ip_forward"]) == "0\n")
        }
    }
}
