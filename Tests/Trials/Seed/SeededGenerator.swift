// SPDX-License-Identifier: Apache-2.0

/// Random numbers that are the same for the same seed, on every machine and with every toolchain: SplitMix64 (Steele, Lea
/// and Flood 2014), and choices that are made of its numbers here.
struct SeededGenerator: Sendable {
    private var state: UInt64

    /// - Parameter path: what the numbers are for, so that each use has a sequence of its own.
    init(seed: UInt64, for path: UInt64...) {
        state = seed
        for step in path { state = next() ^ step }
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// 0 to `limit` - 1.
    mutating func below(_ limit: Int) -> Int { limit > 0 ? Int(next() % UInt64(limit)) : 0 }

    mutating func number(in range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

    mutating func chance(_ percent: Int) -> Bool { below(100) < percent }

    mutating func pick<Element>(_ list: [Element]) -> Element? { list.isEmpty ? nil : list[below(list.count)] }

    /// One of several, each as often as its weight says.
    mutating func pick<Element>(weighted list: [(weight: Int, value: Element)]) -> Element? {
        var place = below(list.reduce(0) { $0 + $1.weight })
        for (weight, value) in list {
            if place < weight { return value }
            place -= weight
        }
        return nil
    }
}
