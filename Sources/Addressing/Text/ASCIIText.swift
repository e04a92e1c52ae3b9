// SPDX-License-Identifier: Apache-2.0

/// Writes the text of an address digit by digit, without formatters.
struct ASCIIText {
    private var storage: UnsafeMutableBufferPointer<UInt8>
    private var count = 0

    /// The text that `body` writes, of at most `capacity` bytes.
    static func make(capacity: Int, _ body: (inout ASCIIText) -> Void) -> String {
        String(unsafeUninitializedCapacity: capacity) { storage in
            var text = ASCIIText(storage: storage)
            body(&text)
            return text.count
        }
    }

    private init(storage: UnsafeMutableBufferPointer<UInt8>) { self.storage = storage }

    mutating func append(_ byte: UInt8) {
        storage[count] = byte
        count += 1
    }

    mutating func append(_ character: Unicode.Scalar) { append(UInt8(truncatingIfNeeded: character.value)) }

    /// A number below 1000.
    mutating func append(decimal value: Int) {
        if value >= 100 { append(UInt8(ascii: "0") + UInt8(value / 100)) }
        if value >= 10 { append(UInt8(ascii: "0") + UInt8(value / 10 % 10)) }
        append(UInt8(ascii: "0") + UInt8(value % 10))
    }

    /// The low four bits.
    mutating func append(digit value: UInt16) {
        let nibble = UInt8(value & 0xF)
        append(nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10)
    }

    /// A 16-bit group in lower case without leading zeros.
    mutating func append(group value: UInt16) {
        var shift = 12
        while shift > 0, value >> shift == 0 { shift -= 4 }
        while shift >= 0 {
            append(digit: value >> shift)
            shift -= 4
        }
    }
}
