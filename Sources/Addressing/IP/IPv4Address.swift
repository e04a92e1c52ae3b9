// SPDX-License-Identifier: Apache-2.0

/// An IPv4 address.
package struct IPv4Address: Hashable, Comparable, Sendable {
    /// The address as a number in the host's order: 10.0.0.1 is 0x0A000001.
    package let rawValue: UInt32

    package init(rawValue: UInt32) { self.rawValue = rawValue }

    /// The address of four bytes in network order; nil for any other count.
    package init?(bytes: some Collection<UInt8>) {
        guard let number = NetworkOrder.number(of: bytes, count: 4) else { return nil }
        rawValue = UInt32(number)
    }

    /// Four bytes in network order.
    package var bytes: [UInt8] {
        [24, 16, 8, 0].map { (shift: UInt32) in UInt8(truncatingIfNeeded: rawValue >> shift) }
    }

    /// 0.0.0.0
    package static let any = IPv4Address(rawValue: 0)
    /// 127.0.0.1
    package static let loopback = IPv4Address(rawValue: 0x7F00_0001)
    /// 255.255.255.255
    package static let broadcast = IPv4Address(rawValue: .max)

    package var isUnspecified: Bool { rawValue == 0 }
    package var isLoopback: Bool { rawValue >> 24 == 127 }
    /// In 169.254.0.0/16.
    package var isLinkLocal: Bool { rawValue >> 16 == 0xA9FE }
    /// In 224.0.0.0/4.
    package var isMulticast: Bool { rawValue >> 28 == 0xE }

    package static func < (left: Self, right: Self) -> Bool { left.rawValue < right.rawValue }
}

extension IPv4Address: AddressText {
    /// Four decimal numbers without leading zeros, separated by dots.
    package init(parsing text: some StringProtocol) throws(AddressError) {
        self = try parse(text, as: "an IPv4 address") { scanner throws(AddressFault) in
            try IPv4Address(reading: &scanner)
        }
    }

    init(reading scanner: inout TextScanner) throws(AddressFault) {
        var value: UInt32 = 0
        for index in 0..<4 {
            if index > 0, !scanner.skip(UInt8(ascii: ".")) {
                guard let byte = scanner.next, byte != UInt8(ascii: "/") else { throw .octetCount(index) }
                throw .unexpected(byte, at: scanner.position)
            }
            let octet = try scanner.decimal()
            if octet > 255 { throw .octetTooLarge(octet) }
            value = value << 8 | UInt32(octet)
        }
        rawValue = value
    }

    package var description: String { ASCIIText.make(capacity: 15) { write(to: &$0) } }

    func write(to text: inout ASCIIText) {
        for shift: UInt32 in [24, 16, 8, 0] {
            text.append(decimal: Int(rawValue >> shift & 0xFF))
            if shift > 0 { text.append(".") }
        }
    }
}
