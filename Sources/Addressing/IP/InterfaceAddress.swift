// SPDX-License-Identifier: Apache-2.0

/// An address with the prefix length of the network that it is in, as an interface carries it: `10.0.1.5/24`.
/// Unlike a CIDR block it keeps its host bits.
package struct InterfaceAddress: Hashable, Sendable {
    package let address: IPAddress
    package let prefixLength: Int

    /// nil when the prefix length does not fit the address's family.
    package init?(address: IPAddress, prefixLength: Int) {
        guard (0...address.family.addressBits).contains(prefixLength) else { return nil }
        self.address = address
        self.prefixLength = prefixLength
    }

    /// The address alone, with all its bits as the prefix (/32 or /128).
    package init(host address: IPAddress) {
        self.address = address
        prefixLength = address.family.addressBits
    }

    package var family: IPFamily { address.family }

    /// The block that the address lies in; nil never in practice, as the prefix length fits.
    package var network: CIDRBlock? { CIDRBlock(containing: address, prefixLength: prefixLength) }
}

extension InterfaceAddress: AddressText {
    package init(parsing text: some StringProtocol) throws(AddressError) {
        self = try parse(text, as: "an address with its prefix length") { scanner throws(AddressFault) in
            let address = try IPAddress(reading: &scanner)
            let most = address.family.addressBits
            let length = try scanner.prefixLength(most: most)
            guard let value = InterfaceAddress(address: address, prefixLength: length) else {
                throw .prefixTooLong(length, most: most)
            }
            return value
        }
    }

    package var description: String { "\(address)/\(prefixLength)" }
}
