// SPDX-License-Identifier: Apache-2.0

/// An IPv6 address, without a zone.
package struct IPv6Address: Hashable, Comparable, Sendable {
    /// The first eight bytes as a number in the host's order.
    package let high: UInt64
    /// The last eight bytes as a number in the host's order.
    package let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    package init(rawValue: UInt128) {
        high = UInt64(truncatingIfNeeded: rawValue >> 64)
        low = UInt64(truncatingIfNeeded: rawValue)
    }

    /// The address of sixteen bytes in network order; nil for any other count.
    package init?(bytes: some Collection<UInt8>) {
        guard let number = NetworkOrder.number(of: bytes, count: 16) else { return nil }
        self.init(rawValue: number)
    }

    /// The address as a number in the host's order.
    package var rawValue: UInt128 { UInt128(high) << 64 | UInt128(low) }

    /// Sixteen bytes in network order.
    package var bytes: [UInt8] {
        stride(from: 120, through: 0, by: -8).map { UInt8(truncatingIfNeeded: rawValue >> UInt128($0)) }
    }

    /// ::
    package static let any = IPv6Address(high: 0, low: 0)
    /// ::1
    package static let loopback = IPv6Address(high: 0, low: 1)

    /// The link-local address that an interface with this MAC makes for itself (modified EUI-64, RFC 4291).
    package static func linkLocal(of mac: MACAddress) -> IPv6Address {
        let (vendor, serial) = (mac.rawValue >> 24, mac.rawValue & 0xFF_FFFF)
        return IPv6Address(high: 0xFE80 << 48, low: (vendor << 40 | 0xFFFE << 24 | serial) ^ (0x02 << 56))
    }

    package var isUnspecified: Bool { high == 0 && low == 0 }
    package var isLoopback: Bool { self == .loopback }
    /// In fe80::/10.
    package var isLinkLocal: Bool { high >> 54 == 0xFE80 >> 6 }
    /// In ff00::/8.
    package var isMulticast: Bool { high >> 56 == 0xFF }
    /// The IPv4 address of one in ::ffff:0:0/96.
    package var mappedIPv4: IPv4Address? {
        high == 0 && low >> 32 == 0xFFFF ? IPv4Address(rawValue: UInt32(truncatingIfNeeded: low)) : nil
    }

    package static func < (left: Self, right: Self) -> Bool { (left.high, left.low) < (right.high, right.low) }
}
