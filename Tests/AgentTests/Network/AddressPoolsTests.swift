// SPDX-License-Identifier: Apache-2.0
import Addressing
import Testing
import VPC

@testable import Agent

@Suite("Network: address pools")
struct AddressPoolsTests {
    private static func subnet(_ id: String, _ block: String) throws -> Subnet {
        Subnet(id: id, name: id, ipv4CIDRBlock: try IPv4CIDRBlock(parsing: block))
    }

    @Test("Other subnets leave what is known of those that stay, also what is not in the store yet")
    func change() throws {
        let (one, two) = (try Self.subnet("one", "10.0.1.0/24"), try Self.subnet("two", "10.0.2.0/24"))
        var pools = AddressPools(subnets: [one], leases: [])
        let first = try pools.allocate(in: ["one"])
        let lease = AddressLease(address: try IPAddress(parsing: "10.0.2.4"), subnetID: "two", networkInterfaceID: "e")
        pools.change(to: [one, two], leases: [lease])
        #expect(try pools.allocate(in: ["one"]).ipv4 != first.ipv4)
        #expect(try pools.allocate(in: ["two"]).ipv4?.description == "10.0.2.5")
        pools.change(to: [two], leases: [lease])
        #expect(throws: NetworkServiceError.self) { try pools.allocate(in: ["one"]) }
        pools.change(to: [try Self.subnet("two", "10.0.2.0/25")], leases: [lease])
        #expect(try pools.allocate(in: ["two"]).ipv4?.description == "10.0.2.6")
    }

    @Test("An address that was given back waits for its turn, also over a restart")
    func resumed() async throws {
        let directory = try TemporaryDirectory()
        let store = try Store(directory: directory.path)
        let subnet = try Self.subnet("one", "10.0.1.0/24")
        var pools = AddressPools(subnets: [subnet], leases: [])
        for address in try pools.allocate(in: ["one"]).addresses {
            let lease = AddressLease(address: address, subnetID: "one", networkInterfaceID: "e")
            try await store.write { try $0.setLastAddress(lease) }
        }
        let last = try await store.read { try $0.lastAddresses(of: "one") }
        var next = AddressPools(subnets: [subnet], leases: [], handedOut: ["one": last])
        #expect(try next.allocate(in: ["one"]).ipv4?.description == "10.0.1.5")
    }
}
