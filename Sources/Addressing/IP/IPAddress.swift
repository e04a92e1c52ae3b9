// SPDX-License-Identifier: Apache-2.0

/// Which Internet protocol an address belongs to.
package enum IPFamily: String, Hashable, Sendable, Codable, CaseIterable, CustomStringConvertible {
    case v4 = "IPv4"
    case v6 = "IPv6"

    /// The bits of an address: 32 or 128.
    package var addressBits: Int { self == .v4 ? 32 : 128 }

    package var description: String { rawValue }
}

/// An address of either Internet protocol. IPv4 sorts before IPv6.
package enum IPAddress: Hashable, Comparable, Sendable {
    case v4(IPv4Address)
    case v6(IPv6Address)

    /// The address of four or sixteen bytes in network order; nil for any other count.
    package init?(bytes: some Collection<UInt8>) {
        if let address = IPv4Address(bytes: bytes) {
            self = .v4(address)
        } else if let address = IPv6Address(bytes: bytes) {
            self = .v6(address)
        } else {
            return nil
        }
    }

    /// Four or sixteen bytes in network order.
    package var bytes: [UInt8] {
        switch self {
        case .v4(let address): address.bytes
        case .v6(let address): address.bytes
        }
    }

    package var family: IPFamily {
        switch self {
        case .v4: .v4
        case .v6: .v6
        }
    }

    package var v4: IPv4Address? { if case .v4(let address) = self { address } else { nil } }
    package var v6: IPv6Address? { if case .v6(let address) = self { address } else { nil } }

    package var isUnspecified: Bool {
        switch self {
        case .v4(let address): address.isUnspecified
        case .v6(let address): address.isUnspecified
        }
    }

    package var isLoopback: Bool {
        switch self {
        case .v4(let address): address.isLoopback
        case .v6(let address): address.isLoopback
        }
    }

    package var isLinkLocal: Bool {
        switch self {
        case .v4(let address): address.isLinkLocal
        case .v6(let address): address.isLinkLocal
        }
    }

    package var isMulticast: Bool {
        switch self {
        case .v4(let address): address.isMulticast
        case .v6(let address): address.isMulticast
        }
    }
}

extension IPAddress: AddressText {
    package init(parsing text: some StringProtocol) throws(AddressError) {
        self = try parse(text, as: "an IP address") { scanner throws(AddressFault) in
            try IPAddress(reading: &scanner)
        }
    }

    init(reading scanner: inout TextScanner) throws(AddressFault) {
        self =
            scanner.contains(UInt8(ascii: ":"))
            ? .v6(try IPv6Address(reading: &scanner)) : .v4(try IPv4Address(reading: &scanner))
    }

    package var description: String {
        switch self {
        case .v4(let address): address.description
        case .v6(let address): address.description
        }
    }
}
