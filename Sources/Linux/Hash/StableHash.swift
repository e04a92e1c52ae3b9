// SPDX-License-Identifier: Apache-2.0

/// A hash that is the same in every process and on every host, for names and numbers that have to be found again. Not for
/// secrets, and not where somebody gains by a collision. The algorithm is FNV-1a with 64 bits.
package struct StableHash: Sendable {
    package private(set) var value: UInt64 = 0xcbf2_9ce4_8422_2325

    package init() {}

    package mutating func combine(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt64(byte)) &* 0x100_0000_01b3 }
    }

    /// Of one text.
    package static func of(_ text: String) -> UInt64 {
        var hash = StableHash()
        hash.combine(text.utf8)
        return hash.value
    }
}
