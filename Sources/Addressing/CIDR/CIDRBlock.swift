// SPDX-License-Identifier: Apache-2.0

/// A block of addresses of either Internet protocol.
package enum CIDRBlock: Hashable, Sendable {
    case v4(IPv4CIDRBlock)
    case v6(IPv6CIDRBlock)

    /// nil when the prefix length does not fit the family or `network` has host bits set.
    package init?(network: IPAddress, prefixLength: Int) {
        guard let block = CIDRBlock(containing: network, prefixLength: prefixLength), block.network == network
        else { return nil }
        self = block
    }

    /// The block of this size that `address` lies in; nil when the prefix length does not fit the family.
    package init?(containing address: IPAddress, prefixLength: Int) {
        switch address {
        case .v4(let address):
            guard let block = IPv4CIDRBlock(containing: address, prefixLength: prefixLength) else { return nil }
            self = .v4(block)
        case .v6(let address):
            guard let block = IPv6CIDRBlock(containing: address, prefixLength: prefixLength) else { return nil }
            self = .v6(block)
        }
    }

    package var family: IPFamily { network.family }

    /// The first address, whose host bits are all zero.
    package var network: IPAddress {
        switch self {
        case .v4(let block): .v4(block.network)
        case .v6(let block): .v6(block.network)
        }
    }

    package var prefixLength: Int {
        switch self {
        case .v4(let block): block.prefixLength
        case .v6(let block): block.prefixLength
        }
    }

    package var firstAddress: IPAddress { network }

    package var lastAddress: IPAddress {
        switch self {
        case .v4(let block): .v4(block.lastAddress)
        case .v6(let block): .v6(block.lastAddress)
        }
    }

    /// False for an address of the other family.
    package func contains(_ address: IPAddress) -> Bool {
        switch (self, address) {
        case (.v4(let block), .v4(let address)): block.contains(address)
        case (.v6(let block), .v6(let address)): block.contains(address)
        default: false
        }
    }

    /// Whether all of `other` lies in this block; false for a block of the other family.
    package func contains(_ other: CIDRBlock) -> Bool {
        prefixLength <= other.prefixLength && contains(other.network)
    }

    /// Whether the two have an address in common.
    package func overlaps(_ other: CIDRBlock) -> Bool { contains(other) || other.contains(self) }

    /// The address that far behind the first one; nil outside the block.
    package func address(at offset: UInt64) -> IPAddress? {
        switch self {
        case .v4(let block): block.address(at: offset).map(IPAddress.v4)
        case .v6(let block): block.address(at: UInt128(offset)).map(IPAddress.v6)
        }
    }
}

extension CIDRBlock: AddressText {
    package init(parsing text: some StringProtocol) throws(AddressError) {
        self = try parse(text, as: "a CIDR block") { scanner throws(AddressFault) in
            scanner.contains(UInt8(ascii: ":"))
                ? .v6(try IPv6CIDRBlock(reading: &scanner)) : .v4(try IPv4CIDRBlock(reading: &scanner))
        }
    }

    package var description: String { "\(network)/\(prefixLength)" }
}
