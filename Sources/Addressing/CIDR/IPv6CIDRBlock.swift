// SPDX-License-Identifier: Apache-2.0

/// A block of IPv6 addresses with a common prefix: `2001:db8::/64`.
package struct IPv6CIDRBlock: Hashable, Sendable {
    /// The first address, whose host bits are all zero.
    package let network: IPv6Address
    /// The bits that all its addresses have in common, 0 to 128.
    package let prefixLength: Int

    /// nil when the prefix length is not in 0...128 or `network` has host bits set.
    package init?(network: IPv6Address, prefixLength: Int) {
        guard let block = IPv6CIDRBlock(containing: network, prefixLength: prefixLength), block.network == network
        else { return nil }
        self = block
    }

    /// The block of this size that `address` lies in; nil when the prefix length is not in 0...128.
    package init?(containing address: IPv6Address, prefixLength: Int) {
        guard (0...128).contains(prefixLength) else { return nil }
        network = IPv6Address(rawValue: address.rawValue & Self.mask(prefixLength))
        self.prefixLength = prefixLength
    }

    /// A shift by all 128 bits gives zero.
    private static func mask(_ prefixLength: Int) -> UInt128 { UInt128.max << UInt128(128 - prefixLength) }

    package var firstAddress: IPv6Address { network }
    package var lastAddress: IPv6Address { IPv6Address(rawValue: network.rawValue | ~Self.mask(prefixLength)) }

    /// The last offset in the block; one less than its addresses, whose count need not fit into 128 bits.
    package var lastOffset: UInt128 { ~Self.mask(prefixLength) }

    package func contains(_ address: IPv6Address) -> Bool {
        address.rawValue & Self.mask(prefixLength) == network.rawValue
    }

    /// Whether all of `other` lies in this block.
    package func contains(_ other: IPv6CIDRBlock) -> Bool {
        prefixLength <= other.prefixLength && contains(other.network)
    }

    /// Whether the two have an address in common.
    package func overlaps(_ other: IPv6CIDRBlock) -> Bool { contains(other) || other.contains(self) }

    /// The address that far behind the first one; nil outside the block.
    package func address(at offset: UInt128) -> IPv6Address? {
        offset <= lastOffset ? IPv6Address(rawValue: network.rawValue + offset) : nil
    }

    /// How far `address` is behind the first one; nil outside the block.
    package func offset(of address: IPv6Address) -> UInt128? {
        contains(address) ? address.rawValue - network.rawValue : nil
    }
}

extension IPv6CIDRBlock: AddressText {
    package init(parsing text: some StringProtocol) throws(AddressError) {
        self = try parse(text, as: "an IPv6 CIDR block") { scanner throws(AddressFault) in
            try IPv6CIDRBlock(reading: &scanner)
        }
    }

    init(reading scanner: inout TextScanner) throws(AddressFault) {
        let address = try IPv6Address(reading: &scanner)
        let length = try scanner.prefixLength(most: 128)
        guard let block = IPv6CIDRBlock(containing: address, prefixLength: length) else {
            throw .prefixTooLong(length, most: 128)
        }
        if block.network != address { throw .hostBits(.v6(block.network), prefixLength: length) }
        self = block
    }

    package var description: String { "\(network)/\(prefixLength)" }
}
