// SPDX-License-Identifier: Apache-2.0
import Addressing
import VPC

/// The free addresses of all subnets, in memory; the leases in the store are what is true. Built from them at start.
struct AddressPools: Sendable {
    private(set) var subnets: [Subnet]
    private var pools: [String: [AddressPool]]

    /// What an ENI gets from one subnet.
    struct Allocation: Sendable {
        var subnet: Subnet
        var ipv4: IPv4Address?
        var ipv6: IPv6Address?

        var addresses: [IPAddress] { [ipv4.map(IPAddress.v4), ipv6.map(IPAddress.v6)].compactMap(\.self) }
    }

    /// What somebody asks for who does not leave all to the subnet.
    struct Wish: Sendable {
        var ipv4: IPv4Address?
        var ipv6: IPv6Address?
        /// No IPv6 address, also where the subnet has some.
        var isWithoutIPv6 = false

        func address(_ family: IPFamily) -> IPAddress? {
            switch family {
            case .v4: ipv4.map(IPAddress.v4)
            case .v6: ipv6.map(IPAddress.v6)
            }
        }
    }

    /// What a new pool has to know of the addresses that were handed out before.
    struct Turn: Sendable {
        /// The last that was handed out, of each family.
        var handedOut: [IPAddress] = []
        /// Those that were given back last, the first of them first.
        var givenBack: [IPAddress] = []
    }

    init(subnets: [Subnet], leases: [AddressLease], turns: [String: Turn] = [:]) {
        self.subnets = []
        pools = [:]
        change(to: subnets, leases: leases, turns: turns)
    }

    /// Takes other subnets over. Those that are as they were stay as they are: they know of addresses that have been
    /// handed out and are not in the store yet.
    ///
    /// - Parameter turns: of the subnets, by their ids, so that new pools go on where others were.
    mutating func change(to subnets: [Subnet], leases: [AddressLease], turns: [String: Turn] = [:]) {
        let before = Dictionary(uniqueKeysWithValues: self.subnets.map { ($0.id, $0) })
        let known = pools
        self.subnets = subnets
        pools = [:]
        for subnet in subnets {
            if before[subnet.id] == subnet, let pool = known[subnet.id] {
                pools[subnet.id] = pool
                continue
            }
            let turn = turns[subnet.id] ?? Turn()
            pools[subnet.id] = IPFamily.allCases.compactMap { family in
                var pool = AddressPool(family, of: subnet)
                for address in turn.handedOut { pool?.resume(after: address) }
                for address in turn.givenBack { pool?.rest(address) }
                return pool
            }
            let taken = known[subnet.id, default: []].flatMap(\.allocated)
            for lease in leases where home(of: lease.address, subnetID: lease.subnetID) == subnet {
                take(lease.address, in: subnet.id)
            }
            for address in taken { take(address, in: subnet.id) }
        }
    }

    /// An address of each family that the subnet has, from the first of these subnets that can give them.
    /// - Throws: what the last of the subnets said, when none can.
    mutating func allocate(in subnetIDs: [String], _ wish: Wish = Wish()) throws -> Allocation {
        var refusal: any Error = NetworkServiceError.noSubnet
        for id in subnetIDs {
            guard let subnet = subnet(id) else { throw NetworkServiceError.unknownSubnet(id, known: subnets.map(\.id)) }
            do {
                return try allocate(in: subnet, wish)
            } catch {
                refusal = error
            }
        }
        throw refusal
    }

    private mutating func allocate(in subnet: Subnet, _ wish: Wish) throws -> Allocation {
        var allocation = Allocation(subnet: subnet)
        // On a copy: an address of one family is not kept when the other family has none left.
        var copies = pools[subnet.id, default: []]
        for family in IPFamily.allCases {
            let wanted = wish.address(family)
            guard let index = copies.firstIndex(where: { $0.block.family == family }) else {
                if let wanted { throw NetworkServiceError.noBlock(wanted, subnet: subnet.id) }
                continue
            }
            if family == .v6, wish.isWithoutIPv6 { continue }
            if let wanted { try copies[index].allocate(wanted) }
            switch try wanted ?? copies[index].allocate() {
            case .v4(let address): allocation.ipv4 = address
            case .v6(let address): allocation.ipv6 = address
            }
        }
        if allocation.addresses.isEmpty { throw NetworkServiceError.onlyIPv6(subnet: subnet.id) }
        pools[subnet.id] = copies
        return allocation
    }

    /// Takes the addresses that an ENI brings along, as far as they are of a subnet here.
    /// - Returns: those addresses with their subnets.
    /// - Throws: `AddressPoolError` for one that is taken, reserved, or not of the subnet that the ENI names; then none
    ///   is kept.
    mutating func claim(_ eni: NetworkInterface) throws -> [(address: IPAddress, subnetID: String)] {
        var claimed: [(address: IPAddress, subnetID: String)] = []
        do {
            for address in eni.addresses {
                let home =
                    eni.subnetID.flatMap(subnet)
                    ?? subnets.first { $0.cidrBlock(address.family)?.contains(address) ?? false }
                guard let home, let index = pools[home.id]?.firstIndex(where: { $0.block.family == address.family })
                else {
                    continue
                }
                try pools[home.id]?[index].allocate(address)
                claimed.append((address, home.id))
            }
        } catch {
            for (address, subnet) in claimed { release(CollectionOfOne(address), subnetID: subnet) }
            throw error
        }
        return claimed
    }

    /// Marks an address as taken, where it is of the subnet.
    private mutating func take(_ address: IPAddress, in subnetID: String) {
        for index in pools[subnetID, default: []].indices {
            try? pools[subnetID]?[index].allocate(address)
        }
    }

    mutating func release(_ addresses: some Sequence<IPAddress>, subnetID: String) {
        for address in addresses {
            let id = home(of: address, subnetID: subnetID)?.id ?? subnetID
            for index in pools[id, default: []].indices {
                pools[id]?[index].release(address)
            }
        }
    }

    /// The subnet that an address counts in: the one that it was handed out of or, where that has another id by now, the one
    /// that has its block.
    private func home(of address: IPAddress, subnetID: String) -> Subnet? {
        subnet(subnetID) ?? subnets.first { $0.contains(address) }
    }

    /// Free addresses of a subnet, which stay free.
    /// - Parameter others: not these.
    /// - Throws: `AddressPoolError` where there are not as many.
    func next(
        _ count: Int, _ family: IPFamily, of subnetID: String, besides others: [IPAddress]
    ) throws -> [IPAddress] {
        guard var pool = pools[subnetID]?.first(where: { $0.block.family == family }) else { return [] }
        // What is wrong with one of the others is told where it is taken.
        for address in others { try? pool.allocate(address) }
        return try (0..<count).map { _ in try pool.allocate() }
    }

    func subnet(_ id: String) -> Subnet? { subnets.first { $0.id == id } }

    /// How many addresses are free, by family.
    func freeCount(_ family: IPFamily, subnetID: String) -> UInt64? {
        pools[subnetID]?.first { $0.block.family == family }?.freeCount
    }
}
