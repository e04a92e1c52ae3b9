// SPDX-License-Identifier: Apache-2.0

/// Numbers as they are transmitted, the highest byte first.
enum NetworkOrder {
    /// Nil for any other count of bytes.
    static func number(of bytes: some Collection<UInt8>, count: Int) -> UInt128? {
        // All that is read here lies in a row. Going through it as some collection asks Swift's runtime for each step.
        bytes.withContiguousStorageIfAvailable { number(of: $0, count: count) }
            ?? number(of: Array(bytes), count: count)
    }

    private static func number(of bytes: UnsafeBufferPointer<UInt8>, count: Int) -> UInt128? {
        guard bytes.count == count else { return nil }
        var number: UInt128 = 0
        for byte in bytes { number = number << 8 | UInt128(byte) }
        return number
    }

    private static func number(of bytes: [UInt8], count: Int) -> UInt128? {
        bytes.withUnsafeBufferPointer { number(of: $0, count: count) }
    }
}
