// SPDX-License-Identifier: Apache-2.0
import Addressing
import TestSupport
import Testing
import VPC

@testable import TaskNetworking

@Suite("Subnets that are the host's own", .requiresRoot) struct ConflictTests {
    private static func with(_ body: (TestHost, TaskNetwork, (String) throws -> Void) throws -> Void) throws {
        try TestHost.with { test in
            let run = { (command: String) throws -> Void in
                try TestSupport.run(command.split(separator: " ").map(String.init), in: test.namespace)
            }
            try run("ip link add lan type veth peer name far")
            try run("ip link set far up")
            try run("ip addr add 10.0.1.7/24 dev lan")
            try run("ip addr add 2001:db8:0:1::7/64 dev lan nodad")
            try run("ip link set lan up")
            try run("ip route add default via 10.0.1.1")
            try run("ip route add 0.0.0.0/1 dev lan")
            try run("ip -6 route add 2000::/3 dev lan")
            try body(test, try TaskNetwork(host: test.namespace), run)
        }
    }

    private func conflicts(_ network: TaskNetwork, _ block: String) throws -> [String] {
        try network.conflicts(of: [try CIDRBlock(parsing: block)]).map(\.description)
    }

    @Test("Routes and addresses of the host are named")
    func named() throws {
        try Self.with { _, network, run in
            #expect(try conflicts(network, "10.0.2.0/24") == [])
            #expect(try conflicts(network, "2001:db8:0:2::/64") == [])
            let lan = "overlaps the host's own route 10.0.1.0/24 src 10.0.1.7 dev lan"
            let address = "overlaps the host's own address 10.0.1.7/24 on lan"
            for block in ["10.0.1.0/24", "10.0.0.0/16"] {
                #expect(try conflicts(network, block) == ["\(block) \(lan)", "\(block) \(address)"])
            }
            #expect(try conflicts(network, "10.0.1.128/25") == ["10.0.1.128/25 \(lan)"])
            let six = try conflicts(network, "2001:db8:0:1::/64")
            #expect(six.count == 2)
            #expect(six.last == "2001:db8:0:1::/64 overlaps the host's own address 2001:db8:0:1::7/64 on lan")
            try run("ip route add blackhole 172.16.0.0/12")
            #expect(
                try conflicts(network, "172.20.0.0/24") == [
                    "172.20.0.0/24 overlaps the host's own route blackhole 172.16.0.0/12"
                ])
            // Another table is somebody's own affair.
            try run("ip route add 10.7.0.0/16 dev lan table 7")
            #expect(try conflicts(network, "10.7.0.0/24") == [])
        }
    }

    @Test("What tasknet has there itself is no conflict, also when the host's comes after it")
    func ours() throws {
        try Self.with { _, network, run in
            let facts = try network.hostFacts()
            let subnet = Sample.subnet(2, .dual)
            _ = try network.apply(HostNetworkPlan(subnets: [subnet], host: facts))
            #expect(try network.conflicts(of: subnet.cidrBlocks) == [])
            try run("ip route add 10.0.2.0/25 dev lan")
            #expect(try network.conflicts(of: subnet.cidrBlocks) == [])
            #expect(try conflicts(network, "10.0.2.0/26").count == 1)
        }
    }
}
