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
        let turn = try await store.read { try $0.turn(of: "one") }
        var next = AddressPools(subnets: [subnet], leases: [], turns: ["one": turn])
        #expect(try next.allocate(in: ["one"]).ipv4?.description == "10.0.1.5")
    }

    @Test("Of a full subnet the addresses come again in the order in which they were given back, also over a restart")
    func fullSubnet() async throws {
        try await NetworkHost.with {
            $0.subnets = [try NetworkHost.subnet(NetworkHost.subnetID, "10.64.1.0/28")]
        } _: { host in
            var service = try await host.startService()
            var tasks: [TaskRecord] = []
            for number in 0..<11 { tasks.append(try await host.runTask("task\(number)", on: service)) }
            await #expect(throws: AddressPoolError.self) {
                try await service.allocate(taskID: "more", subnets: [NetworkHost.subnetID])
            }
            for number in [7, 2, 5] { await service.release(tasks[number]) }
            service = try await host.startService()
            #expect(await host.free(service) == 3)
            var next: [String] = []
            for number in 0..<3 {
                let task = try await host.runTask("next\(number)", on: service)
                let interfaces = try await host.store.read { try $0.networkInterfaces(taskID: task.id) }
                next += interfaces.flatMap(\.networkInterface.addresses).map(\.description)
            }
            #expect(next == ["10.64.1.11", "10.64.1.6", "10.64.1.9"])
            let resting = try await host.store.read { try $0.releasedAddresses(subnetID: NetworkHost.subnetID) }
            #expect(resting.isEmpty)
        }
    }

    @Test("A lease counts in the subnet that has its block, where its own has another id by now")
    func otherID() throws {
        let lease = AddressLease(address: try IPAddress(parsing: "10.0.1.4"), subnetID: "old", networkInterfaceID: "e")
        var pools = AddressPools(subnets: [try Self.subnet("new", "10.0.1.0/24")], leases: [lease])
        #expect(pools.freeCount(.v4, subnetID: "new") == 250)
        pools.release([lease.address], subnetID: "old")
        #expect(pools.freeCount(.v4, subnetID: "new") == 251)
    }
}
