// SPDX-License-Identifier: Apache-2.0

/// The hardware address of an Ethernet interface: six bytes, written `0a:1b:2c:3d:4e:5f`.
package struct MACAddress: Hashable, Comparable, Sendable {
    /// The six bytes as a number, the first one highest; the upper 16 bits are zero.
    package let rawValue: UInt64

    /// nil when `rawValue` has more than 48 bits.
    package init?(rawValue: UInt64) {
        guard rawValue >> 48 == 0 else { return nil }
        self.rawValue = rawValue
    }

    private init(low48 rawValue: UInt64) { self.rawValue = rawValue & 0xFFFF_FFFF_FFFF }

    /// The address of six bytes in transmission order; nil for any other count.
    package init?(bytes: some Collection<UInt8>) {
        guard let number = NetworkOrder.number(of: bytes, count: 6) else { return nil }
        self.init(low48: UInt64(number))
    }

    /// Six bytes in transmission order.
    package var bytes: [UInt8] {
        stride(from: 40, through: 0, by: -8).map { UInt8(truncatingIfNeeded: rawValue >> $0) }
    }

    /// Whether it names one interface (the group bit is clear) and is not all zero.
    package var isUnicast: Bool { rawValue != 0 && rawValue & (1 << 40) == 0 }

    package static let broadcast = MACAddress(low48: 0xFFFF_FFFF_FFFF)

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }

    /// A random address beginning with `0a`, as an ENI has one: unicast and locally administered.
    package static func random(using generator: inout some RandomNumberGenerator) -> MACAddress {
        MACAddress(low48: 0x0A << 40 | generator.next() >> 24)
    }
}

extension MACAddress: AddressText {
    /// Six groups of two hexadecimal digits, all separated by `:` or all by `-`.
    package init(parsing text: some StringProtocol) throws(AddressError) {
        self = try parse(text, as: "a MAC address") { scanner throws(AddressFault) in
            var value: UInt64 = 0
            var separator = UInt8(ascii: ":")
            for group in 0..<6 {
                if group == 1, scanner.next == UInt8(ascii: "-") { separator = UInt8(ascii: "-") }
                if group > 0, !scanner.skip(separator) {
                    guard let byte = scanner.next else { throw .macGroupCount(group) }
                    throw .unexpected(byte, at: scanner.position)
                }
                guard let high = scanner.hexadecimalDigit(), let low = scanner.hexadecimalDigit() else {
                    throw .macGroup
                }
                value = value << 8 | UInt64(high << 4 | low)
            }
            return MACAddress(low48: value)
        }
    }

    package var description: String {
        ASCIIText.make(capacity: 17) { text in
            for shift in stride(from: 40, through: 0, by: -8) {
                let byte = UInt16(truncatingIfNeeded: rawValue >> UInt64(shift)) & 0xFF
                text.append(digit: byte >> 4)
                text.append(digit: byte)
                if shift > 0 { text.append(":") }
            }
        }
    }
}
