// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// A range of addresses of a VPC that ENIs take theirs from: IPv4, IPv6 or both.
package struct Subnet: Hashable, Sendable, Codable {
    /// `subnet-` and hexadecimal digits, or any other word that the configuration gives.
    package var id: String
    /// What people call it; a task may be given either.
    package var name: String
    package var vpcID: String?
    package var availabilityZone: String
    package var ipv4CIDRBlock: IPv4CIDRBlock?
    package var ipv6CIDRBlock: IPv6CIDRBlock?
    package var route: SubnetRoute

    /// - Parameter id: nil derives one from the name.
    package init(
        id: String? = nil, name: String, vpcID: String? = nil, availabilityZone: String = "",
        ipv4CIDRBlock: IPv4CIDRBlock? = nil, ipv6CIDRBlock: IPv6CIDRBlock? = nil, route: SubnetRoute = .nat
    ) {
        self.id = id ?? ResourceID.derived("subnet", from: name)
        self.name = name
        self.vpcID = vpcID
        self.availabilityZone = availabilityZone
        self.ipv4CIDRBlock = ipv4CIDRBlock
        self.ipv6CIDRBlock = ipv6CIDRBlock
        self.route = route
    }

    package var cidrBlocks: [CIDRBlock] {
        [ipv4CIDRBlock.map(CIDRBlock.v4), ipv6CIDRBlock.map(CIDRBlock.v6)].compactMap(\.self)
    }

    package func cidrBlock(_ family: IPFamily) -> CIDRBlock? { cidrBlocks.first { $0.family == family } }

    package func contains(_ address: IPAddress) -> Bool { cidrBlocks.contains { $0.contains(address) } }

    /// The router, the first address behind the network's, with the subnet's prefix length.
    package var gatewayIPv4: InterfaceAddress? {
        guard let block = ipv4CIDRBlock, let address = block.address(at: 1) else { return nil }
        return InterfaceAddress(address: .v4(address), prefixLength: block.prefixLength)
    }

    /// The DNS server, the second address behind the network's.
    package var dnsIPv4: IPv4Address? { ipv4CIDRBlock?.address(at: 2) }

    /// The IPv6 router as a task sees it: link-local, as in AWS.
    package var gatewayIPv6: IPv6Address? { ipv6CIDRBlock == nil ? nil : Self.linkLocalGateway }

    /// fe80::1
    package static let linkLocalGateway = IPv6Address(high: 0xFE80 << 48, low: 1)
}

extension Subnet {
    /// What AWS keeps the first four addresses and the last one of each block for.
    package enum ReservedPurpose: String, Hashable, Sendable, CaseIterable {
        case network = "the network's own address"
        case router = "the router's address"
        case dns = "the DNS server's address"
        case future = "reserved for future use"
        case broadcast = "the network's broadcast address"
    }

    /// What `address` is kept for; nil when an ENI may have it or when it is not in the subnet.
    package func reservedPurpose(of address: IPAddress) -> ReservedPurpose? {
        switch address {
        case .v4(let address):
            guard let block = ipv4CIDRBlock, let offset = block.offset(of: address) else { return nil }
            return Self.reservedPurpose(offset: UInt128(offset), last: UInt128(block.count - 1))
        case .v6(let address):
            guard let block = ipv6CIDRBlock, let offset = block.offset(of: address) else { return nil }
            return Self.reservedPurpose(offset: offset, last: block.lastOffset)
        }
    }

    /// All addresses that no ENI may have, those of IPv4 first.
    package var reservedAddresses: [(address: IPAddress, purpose: ReservedPurpose)] {
        cidrBlocks.flatMap { block in
            let first = (0..<4).compactMap { block.address(at: $0) }
            return (first + [block.lastAddress]).compactMap { address in
                reservedPurpose(of: address).map { (address, $0) }
            }
        }
    }

    /// The first offset in a block that is not reserved.
    static let firstUsableOffset: UInt128 = 4

    private static func reservedPurpose(offset: UInt128, last: UInt128) -> ReservedPurpose? {
        switch offset {
        case 0: .network
        case 1: .router
        case 2: .dns
        case 3: .future
        case last: .broadcast
        default: nil
        }
    }
}

extension [Subnet] {
    /// The subnet with this id or, where there is none, with this name.
    package func named(_ text: String) -> Subnet? {
        first { $0.id == text } ?? first { $0.name == text }
    }
}
