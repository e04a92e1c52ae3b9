// SPDX-License-Identifier: Apache-2.0

extension IPv6Address: AddressText {
    /// Any form of RFC 4291, section 2.2. A zone is refused: it belongs to an interface, not to an address.
    package init(parsing text: some StringProtocol) throws(AddressError) {
        self = try parse(text, as: "an IPv6 address") { scanner throws(AddressFault) in
            try IPv6Address(reading: &scanner)
        }
    }

    init(reading scanner: inout TextScanner) throws(AddressFault) {
        // Groups fill `value` from the left; those behind "::" move to the right end afterwards.
        var value: UInt128 = 0
        var count = 0
        var gap: Int?
        if scanner.skip(Self.colon) {
            guard scanner.skip(Self.colon) else { throw .missingNumber(at: 0) }
            gap = 0
        }
        while true {
            // Directly behind "::" the text may end.
            if count == gap, !scanner.isAtHexadecimalDigit { break }
            let (group, bits) = try Self.group(&scanner, room: 8 - count)
            value = value << UInt128(bits) | UInt128(group)
            count += bits / 16
            if bits == 32 || !scanner.skip(Self.colon) { break }
            if scanner.skip(Self.colon) {
                if gap != nil { throw .secondGap }
                gap = count
            }
        }
        if scanner.next == UInt8(ascii: "%") { throw .zone }
        if let gap {
            if count == 8 { throw .gapOfNothing }
            let tail = UInt128(16 * (count - gap))
            // A shift by all 128 bits gives zero, which is what an empty head is.
            value = (value >> tail) << UInt128(16 * (8 - gap)) | value & ((1 << tail) - 1)
        } else if count < 8 {
            if let byte = scanner.next, byte != UInt8(ascii: "/") { throw .unexpected(byte, at: scanner.position) }
            throw .groupCount(count)
        }
        self.init(rawValue: value)
    }

    private static let colon = UInt8(ascii: ":")

    /// The next group (16 bits), or the IPv4 address at the end (32 bits).
    private static func group(
        _ scanner: inout TextScanner, room: Int
    ) throws(AddressFault) -> (value: UInt32, bits: Int) {
        let start = scanner.position
        var value: UInt32 = 0
        while let digit = scanner.hexadecimalDigit() {
            if scanner.position - start > 4 { throw .groupTooLong }
            value = value << 4 | UInt32(digit)
        }
        if scanner.position == start {
            if let byte = scanner.next, byte != colon, byte != UInt8(ascii: "/") {
                throw .unexpected(byte, at: start)
            }
            throw .missingNumber(at: start)
        }
        if scanner.next == UInt8(ascii: ".") {
            guard room >= 2 else { throw .groupCount(9) }
            scanner.rewind(to: start)
            return (try IPv4Address(reading: &scanner).rawValue, 32)
        }
        guard room >= 1 else { throw .groupCount(9) }
        return (value, 16)
    }

    /// The canonical form of RFC 5952: lower case, no leading zeros, the first longest run of zero groups as `::`,
    /// IPv4-mapped addresses with their last four bytes in IPv4 form.
    package var description: String {
        ASCIIText.make(capacity: 45) { text in
            if let mappedIPv4 {
                for character: Unicode.Scalar in [":", ":", "f", "f", "f", "f", ":"] { text.append(character) }
                return mappedIPv4.write(to: &text)
            }
            let gap = longestRunOfZeros
            var index = 0
            while index < 8 {
                if index == gap.lowerBound, !gap.isEmpty {
                    text.append(":")
                    text.append(":")
                    index = gap.upperBound
                } else {
                    if index > 0, index != gap.upperBound || gap.isEmpty { text.append(":") }
                    text.append(group: group(index))
                    index += 1
                }
            }
        }
    }

    private func group(_ index: Int) -> UInt16 {
        UInt16(truncatingIfNeeded: (index < 4 ? high : low) >> UInt64(48 - index % 4 * 16))
    }

    /// The first longest run of at least two groups that are zero.
    private var longestRunOfZeros: Range<Int> {
        var best = 0..<0
        var start = 0
        for index in 0...8 where index == 8 || group(index) != 0 {
            if index - start > best.count, index - start > 1 { best = start..<index }
            start = index + 1
        }
        return best
    }
}
