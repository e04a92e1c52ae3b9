// SPDX-License-Identifier: Apache-2.0

/// Makes the identifiers that AWS's resources carry.
package enum ResourceID {
    /// `eni-` and the like with 17 random hexadecimal digits.
    package static func random(_ prefix: String, using generator: inout some RandomNumberGenerator) -> String {
        "\(prefix)-\(hexadecimal(digits: 17, using: &generator))"
    }

    /// A task's id: 32 random hexadecimal digits.
    package static func task(using generator: inout some RandomNumberGenerator) -> String {
        hexadecimal(digits: 32, using: &generator)
    }

    /// A random UUID (version 4, RFC 9562) in lower case, as attachments and containers have one.
    package static func uuid(using generator: inout some RandomNumberGenerator) -> String {
        var digits = Array(hexadecimal(digits: 32, using: &generator).utf8)
        digits[12] = UInt8(ascii: "4")
        digits[16] = digit(8 + generator.next() % 4)
        for position in [20, 16, 12, 8] { digits.insert(UInt8(ascii: "-"), at: position) }
        return String(decoding: digits, as: UTF8.self)
    }

    /// `subnet-` and the like with 17 digits that follow from `name` alone, for what is only named in a
    /// configuration: the same name has the same id after every restart and on every host.
    package static func derived(_ prefix: String, from name: String) -> String {
        // FNV-1a with 128 bits: nothing here is secret, only stable and well spread.
        var hash: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d
        for byte in name.utf8 {
            hash ^= UInt128(byte)
            hash &*= 0x0000_0000_0100_0000_0000_0000_0000_013B
        }
        var digits: [UInt8] = []
        for _ in 0..<17 {
            digits.append(digit(UInt64(truncatingIfNeeded: hash & 0xF)))
            hash >>= 4
        }
        return "\(prefix)-\(String(decoding: digits, as: UTF8.self))"
    }

    /// Whether `text` is `prefix`, a hyphen and 8 to 17 hexadecimal digits in lower case.
    package static func isValid(_ text: String, prefix: String) -> Bool {
        guard text.hasPrefix(prefix + "-") else { return false }
        let digits = text.utf8.dropFirst(prefix.utf8.count + 1)
        return (8...17).contains(digits.count) && digits.allSatisfy(isHexadecimal)
    }

    /// Whether `text` is a task's id: 32 hexadecimal digits in lower case. Task ids become file names.
    package static func isTaskID(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 32 && text.utf8.allSatisfy(isHexadecimal)
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
    }

    private static func hexadecimal(digits count: Int, using generator: inout some RandomNumberGenerator) -> String {
        var digits: [UInt8] = []
        digits.reserveCapacity(count)
        var bits: UInt64 = 0
        for index in 0..<count {
            if index % 16 == 0 { bits = generator.next() }
            digits.append(digit(bits & 0xF))
            bits >>= 4
        }
        return String(decoding: digits, as: UTF8.self)
    }

    private static func digit(_ value: UInt64) -> UInt8 {
        let value = UInt8(value & 0xF)
        return value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
    }
}
