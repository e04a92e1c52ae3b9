// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import TaskNetworking
import VPC

extension TaskNetworkService {
    /// An ENI that the daemon makes: its record, and the leases that belong into the same transaction.
    struct Allocation: Sendable {
        var interface: NetworkInterfaceRecord
        var leases: [AddressLease]
    }

    /// Gives a new task an ENI with addresses of the first of these subnets that has any.
    /// - Throws: `AddressPoolError`, `NetworkServiceError`.
    func allocate(taskID: String, subnets: [String]) throws -> Allocation {
        var allocation = try allocate(subnets: subnets, origin: .daemon, kind: .init(configuration.interfaceType))
        allocation.interface.taskID = taskID
        if allocation.interface.kind == .veth, let identity = pool.offer() {
            allocation.interface.networkInterface.id = identity.networkInterfaceID
            allocation.interface.networkInterface.macAddress = identity.macAddress
            for place in allocation.leases.indices {
                allocation.leases[place].networkInterfaceID = identity.networkInterfaceID
            }
        }
        return allocation
    }

    /// Makes an ENI with addresses of the first of these subnets that has any.
    /// - Parameters:
    ///   - wish: the addresses that it is to have.
    ///   - macAddress: nil makes one.
    /// - Throws: `AddressPoolError`, `NetworkServiceError`.
    func allocate(
        subnets: [String], _ wish: AddressPools.Wish = AddressPools.Wish(), macAddress: MACAddress? = nil,
        origin: NetworkInterfaceRecord.Origin, kind: NetworkInterfaceRecord.Kind
    ) throws -> Allocation {
        let addresses = try pools.allocate(in: subnets, wish)
        var generator = SystemRandomNumberGenerator()
        let dns = configuration.dns
        let eni = NetworkInterface(
            in: addresses.subnet, macAddress: macAddress, ipv4Address: addresses.ipv4, ipv6Address: addresses.ipv6,
            domainName: configuration.privateDNSDomain,
            searchDomains: dns.searchDomains.isEmpty ? nil : dns.searchDomains,
            domainNameServers: dns.servers.isEmpty ? HostResolver.servers() : dns.servers, using: &generator)
        let interface = NetworkInterfaceRecord(
            networkInterface: eni, taskID: nil, origin: origin, kind: kind, createdAt: .now())
        let leases = addresses.addresses.map {
            AddressLease(address: $0, subnetID: addresses.subnet.id, networkInterfaceID: eni.id)
        }
        return Allocation(interface: interface, leases: leases)
    }

    /// The ENI that `allocate` would make, if it would. Nothing is taken.
    func draft(
        subnet: String, _ wish: AddressPools.Wish, macAddress: MACAddress?, kind: NetworkInterfaceRecord.Kind
    ) throws -> NetworkInterfaceRecord {
        let before = pools
        defer { pools = before }
        return try allocate(subnets: [subnet], wish, macAddress: macAddress, origin: .sandbox, kind: kind).interface
    }

    /// Takes the addresses that ENIs from outside bring along.
    /// - Throws: `APIError`, where one is taken, reserved, or not of the subnet that its ENI names.
    func claim(addressesOf interfaces: [NetworkInterfaceRecord]) throws -> [AddressLease] {
        var leases: [AddressLease] = []
        for interface in interfaces {
            do {
                leases += try pools.claim(interface.networkInterface).map {
                    AddressLease(address: $0.address, subnetID: $0.subnetID, networkInterfaceID: interface.id)
                }
            } catch {
                free(leases)
                throw APIError.invalidParameter("\(error)")
            }
        }
        return leases
    }

    /// Takes back addresses: of a task that did not come to be, or that are no ENI's any more in the store.
    func free(_ leases: [AddressLease]) {
        for lease in leases { pools.release(CollectionOfOne(lease.address), subnetID: lease.subnetID) }
    }

    /// Takes back addresses of ENIs that are gone from the kernel, too. The last of a subnet that is no longer in the
    /// configuration takes the host's side of it along.
    func takeBack(_ leases: [AddressLease]) async throws {
        free(leases)
        if leases.contains(where: { pools.subnet($0.subnetID) == nil }) { try await setUpHost() }
    }

    /// The subnets, with their numbers of free addresses.
    func subnets() -> [(subnet: Subnet, freeIPv4: UInt64?, freeIPv6: UInt64?)] {
        pools.subnets.map {
            ($0, pools.freeCount(.v4, subnetID: $0.id), pools.freeCount(.v6, subnetID: $0.id))
        }
    }
}
