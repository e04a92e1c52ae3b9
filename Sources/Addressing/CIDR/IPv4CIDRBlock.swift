// SPDX-License-Identifier: Apache-2.0

/// A block of IPv4 addresses with a common prefix: `10.0.0.0/16`.
package struct IPv4CIDRBlock: Hashable, Sendable {
    /// The first address, whose host bits are all zero.
    package let network: IPv4Address
    /// The bits that all its addresses have in common, 0 to 32.
    package let prefixLength: Int

    /// nil when the prefix length is not in 0...32 or `network` has host bits set.
    package init?(network: IPv4Address, prefixLength: Int) {
        guard let block = IPv4CIDRBlock(containing: network, prefixLength: prefixLength), block.network == network
        else { return nil }
        self = block
    }

    /// The block of this size that `address` lies in; nil when the prefix length is not in 0...32.
    package init?(containing address: IPv4Address, prefixLength: Int) {
        guard (0...32).contains(prefixLength) else { return nil }
        network = IPv4Address(rawValue: address.rawValue & Self.mask(prefixLength))
        self.prefixLength = prefixLength
    }

    /// A shift by all 32 bits gives zero.
    private static func mask(_ prefixLength: Int) -> UInt32 { UInt32.max << UInt32(32 - prefixLength) }

    /// How many addresses it holds, the first and the last one included.
    package var count: UInt64 { 1 << UInt64(32 - prefixLength) }

    package var firstAddress: IPv4Address { network }
    package var lastAddress: IPv4Address { IPv4Address(rawValue: network.rawValue | ~Self.mask(prefixLength)) }

    package func contains(_ address: IPv4Address) -> Bool {
        address.rawValue & Self.mask(prefixLength) == network.rawValue
    }

    /// Whether all of `other` lies in this block.
    package func contains(_ other: IPv4CIDRBlock) -> Bool {
        prefixLength <= other.prefixLength && contains(other.network)
    }

    /// Whether the two have an address in common.
    package func overlaps(_ other: IPv4CIDRBlock) -> Bool { contains(other) || other.contains(self) }

    /// The address that far behind the first one; nil outside the block.
    package func address(at offset: UInt64) -> IPv4Address? {
        offset < count ? IPv4Address(rawValue: network.rawValue + UInt32(offset)) : nil
    }

    /// How far `address` is behind the first one; nil outside the block.
    package func offset(of address: IPv4Address) -> UInt64? {
        contains(address) ? UInt64(address.rawValue - network.rawValue) : nil
    }
}

extension IPv4CIDRBlock: AddressText {
    package init(parsing text: some StringProtocol) throws(AddressError) {
        self = try parse(text, as: "an IPv4 CIDR block") { scanner throws(AddressFault) in
            try IPv4CIDRBlock(reading: &scanner)
        }
    }

    init(reading scanner: inout TextScanner) throws(AddressFault) {
        let address = try IPv4Address(reading: &scanner)
        let length = try scanner.prefixLength(most: 32)
        guard let block = IPv4CIDRBlock(containing: address, prefixLength: length) else {
            throw .prefixTooLong(length, most: 32)
        }
        if block.network != address { throw .hostBits(.v4(block.network), prefixLength: length) }
        self = block
    }

    package var description: String { "\(network)/\(prefixLength)" }
}
