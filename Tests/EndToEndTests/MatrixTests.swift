// SPDX-License-Identifier: Apache-2.0
import Foundation
import SystemPackage
import TestSupport
import Testing

@Suite("Who reaches whom", .requiresRoot, .serialized)
struct MatrixTests {
    /// Two open groups and a closed one. What is outside is a namespace behind the host's only uplink.
    private static let configuration = """
        subnets:
          - {id: subnet-0a400100180000000, name: blue, cidrBlock: 10.64.1.0/24, ipv6CidrBlock: "fd00:64:0:1::/64", route: public}
          - {id: subnet-0a400200180000000, name: green, cidrBlock: 10.64.2.0/24, ipv6CidrBlock: "fd00:64:0:2::/64", route: nat}
          - {id: subnet-0a400300180000000, name: grey, cidrBlock: 10.64.3.0/24, ipv6CidrBlock: "fd00:64:0:3::/64", route: none}
        securityGroups:
          - name: open
            ipPermissions:
              - {ipProtocol: "-1", ipRanges: [{cidrIp: 0.0.0.0/0}], ipv6Ranges: [{cidrIpv6: "::/0"}]}
          - name: closed
            ipPermissions: []
            ipPermissionsEgress: []
        hostSecurityGroups: [open]

        """

    @Test("within a subnet, across subnets, with the host and with the outside: as the security groups say")
    func matrix() async throws {
        try await Machine.with(configuration: Self.configuration) { machine in
            try await Self.expectMatrix(on: try await Network(machine))
        }
    }

    @Test("the same beside Docker's FORWARD policy, which doctor names, once its mend is done")
    func besideDocker() async throws {
        try await Machine.with(configuration: Self.configuration) { machine in
            for program in ["iptables", "ip6tables"] {
                for arguments in ["-N DOCKER-USER", "-A FORWARD -j DOCKER-USER", "-P FORWARD DROP"] {
                    try machine.run([program, "--wait"] + arguments.split(separator: " ").map(String.init))
                }
            }
            let network = try await Network(machine)
            let mends = try machine.tasknet(["doctor"]).output.split(separator: "\n").compactMap { line in
                line.range(of: "-> ").map { String(line[$0.upperBound...]) }
            }.filter { $0.contains("tables -I DOCKER-USER ") }
            #expect(mends.count == 2, "\(mends)")
            for mend in mends { try machine.run(["bash", "-c", mend]) }
            try await Self.expectMatrix(on: network)
            let mended = try machine.tasknet(["doctor"]).output
            #expect(!mended.contains("DOCKER-USER"), "\(mended)")
        }
    }

    private static func expectMatrix(on network: Network) async throws {
        for family in Traffic.Family.allCases {
            for kind in Traffic.Kind.allCases {
                func expect(_ source: Place, _ destination: Place, arrives: Bool) throws {
                    let traffic = Traffic(source: source, destination: destination, family: family, kind: kind)
                    let outcome = try traffic.outcome(drops: network.drops)
                    #expect((outcome == .arrived) == arrives, "\(traffic): \(outcome)")
                }
                for peer in [network.sameSubnet, network.otherSubnet, network.host, network.outside] {
                    try expect(network.open, peer, arrives: true)
                    try expect(network.closed, peer, arrives: false)
                    // Nothing outside begins a connection to a subnet behind NAT.
                    try expect(peer, network.open, arrives: true)
                    try expect(peer, network.closed, arrives: false)
                }
                try expect(network.otherSubnet, network.outside, arrives: true)
                try expect(network.outside, network.otherSubnet, arrives: false)
                try expect(network.isolated, network.open, arrives: true)
                try expect(network.isolated, network.outside, arrives: false)
                try expect(network.outside, network.isolated, arrives: false)
            }
        }
    }

    /// Tasks in their places.
    private struct Network {
        private let machine: Machine
        let open, closed, sameSubnet, otherSubnet, isolated, host, outside: Place

        init(_ machine: Machine) async throws {
            self.machine = machine
            try machine.runLines(
                """
                ip netns add outside
                ip link add up0 up type veth peer name eth0 netns outside
                ip addr add 192.0.2.1/24 dev up0
                ip addr add 2001:db8::1/64 dev up0 nodad
                ip -n outside addr add 192.0.2.2/24 dev eth0
                ip -n outside addr add 2001:db8::2/64 dev eth0 nodad
                ip -n outside link set eth0 up
                ip -n outside route add 10.64.0.0/16 via 192.0.2.1
                ip -n outside route add fd00:64::/32 via 2001:db8::1
                ip route add default via 192.0.2.2
                ip route add default via 2001:db8::2
                """)
            open = try await machine.place("open", subnet: "blue", group: "open")
            closed = try await machine.place("closed", subnet: "blue", group: "closed")
            sameSubnet = try await machine.place("same", subnet: "blue", group: "open")
            otherSubnet = try await machine.place("other", subnet: "green", group: "open")
            isolated = try await machine.place("isolated", subnet: "grey", group: "open")
            host = Place(
                name: "host", namespace: machine.outside("/proc/1/ns/net"),
                addresses: [.v4: "10.64.1.1", .v6: "fd00:64:0:1::1"])
            outside = Place(
                name: "outside", namespace: machine.outside("/run/netns/outside"),
                addresses: [.v4: "192.0.2.2", .v6: "2001:db8::2"])
        }

        func drops() throws -> Int { try machine.packetsDropped() }
    }
}

extension Machine {
    /// How many packets were dropped on the machine, for whatever reason.
    func packetsDropped() throws -> Int {
        try runJSON(["nft", "-j", "list", "table", "inet", "tasknet"])["nftables"].elements.reduce(0) {
            total, object in
            let elements = object["set"]["elem"].elements.compactMap { $0["elem"]["counter"]["packets"].integer }
            let name = object["counter"]["name"].text ?? ""
            let counted = name.hasPrefix("sgr-") || name == "established" ? nil : object["counter"]["packets"].integer
            return total + elements.reduce(0, +) + (counted ?? 0)
        }
    }

    /// Runs a command of each line.
    func runLines(_ text: String) throws {
        for line in text.split(separator: "\n") { try run(line.split(separator: " ").map(String.init)) }
    }

    /// A task as a place for packets.
    func place(_ name: String, subnet: String, group: String) async throws -> Place {
        let arn = try runTask(AttachmentTests.sleeper, subnet: subnet, securityGroups: [group])
        let attachment = try await wait(for: arn, toBe: "RUNNING")["attachments"][0]
        let addresses = [
            Traffic.Family.v4: attachment.detail("privateIPv4Address"), .v6: attachment.detail("ipv6Address"),
        ]
        return Place(
            name: name, namespace: outside("/run/netns/\(JSON.string(arn).id)"),
            addresses: addresses.compactMapValues(\.self))
    }
}
