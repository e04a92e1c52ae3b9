// SPDX-License-Identifier: Apache-2.0

/// Reads the bytes of an address from left to right.
struct TextScanner {
    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var position = 0

    /// Longer than any address with its prefix length: 45 + 4.
    private static let longest = 64

    static func scan<Value>(
        _ bytes: UnsafeBufferPointer<UInt8>, _ body: (inout TextScanner) throws(AddressFault) -> Value
    ) -> Result<Value, AddressFault> {
        do throws(AddressFault) {
            if bytes.isEmpty { throw .empty }
            if bytes.count > longest { throw .tooLong }
            var scanner = TextScanner(bytes: bytes)
            let value = try body(&scanner)
            if let byte = scanner.next { throw .unexpected(byte, at: scanner.position) }
            return .success(value)
        } catch {
            return .failure(error)
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The byte that comes next, nil at the end.
    var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    /// Whether `byte` stands anywhere in what is left.
    func contains(_ byte: UInt8) -> Bool { bytes[position...].contains(byte) }

    /// Goes back to where `position` once was.
    mutating func rewind(to earlier: Int) { position = min(earlier, position) }

    /// Passes over `byte` if it comes next.
    mutating func skip(_ byte: UInt8) -> Bool {
        guard next == byte else { return false }
        position += 1
        return true
    }

    /// A decimal number of at most three digits without leading zeros.
    mutating func decimal() throws(AddressFault) -> Int {
        let start = position
        var value = 0
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            if position > start, value == 0 { throw .leadingZero }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            position += 1
            // No number of an address is longer; reading on could overflow.
            if position - start > 9 { throw .tooLong }
        }
        if position == start {
            if let byte = next, byte != UInt8(ascii: "."), byte != UInt8(ascii: "/") {
                throw .unexpected(byte, at: position)
            }
            throw .missingNumber(at: position)
        }
        return value
    }

    var isAtHexadecimalDigit: Bool {
        var probe = self
        return probe.hexadecimalDigit() != nil
    }

    /// One hexadecimal digit if it comes next.
    mutating func hexadecimalDigit() -> UInt8? {
        guard let byte = next else { return nil }
        let value: UInt8
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): value = byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): value = byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): value = byte - UInt8(ascii: "A") + 10
        default: return nil
        }
        position += 1
        return value
    }

    /// The prefix length after its slash.
    mutating func prefixLength(most: Int) throws(AddressFault) -> Int {
        guard skip(UInt8(ascii: "/")) else {
            if let byte = next { throw .unexpected(byte, at: position) }
            throw .prefixMissing
        }
        let length = try decimal()
        if length > most { throw .prefixTooLong(length, most: most) }
        return length
    }
}
