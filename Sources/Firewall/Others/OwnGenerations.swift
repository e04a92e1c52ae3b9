// SPDX-License-Identifier: Apache-2.0

/// Which of the ruleset's generations this program has made, as far back as anybody may still ask.
struct OwnGenerations {
    /// The oldest first; whoever has none of its own in between is in one range.
    private var ranges: [ClosedRange<UInt32>] = []
    private static let mostRanges = 256

    /// Notes what a transaction was, by the generations before and after it. Where others have made one meanwhile
    /// nobody knows whose is which, and all of them count as theirs.
    mutating func note(before: UInt32, after: UInt32) {
        guard after == before &+ 1 else { return }
        if let last = ranges.last, last.upperBound == before, before < after {
            ranges[ranges.count - 1] = last.lowerBound...after
        } else {
            ranges.append(after...after)
        }
        if ranges.count > Self.mostRanges { ranges.removeFirst() }
    }

    func contains(_ generation: UInt32) -> Bool { ranges.contains { $0.contains(generation) } }
}
