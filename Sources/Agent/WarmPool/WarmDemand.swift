// SPDX-License-Identifier: Apache-2.0

/// How many warm namespaces there ought to be: what is asked for lately decides. Pure: it is told what happens, and has no
/// clock.
struct WarmDemand: Equatable, Sendable {
    /// Kept also when nobody asks; zero is no pool at all.
    private(set) var minimum: Int
    private(set) var maximum: Int
    private(set) var target: Int
    /// Whether there have been as many as the target since it was last raised: one rush raises it once, not once for each
    /// task of it.
    private var wasFull = false
    /// The fewest that were ready since the last look.
    private var fewest: Int?

    init(minimum: Int, maximum: Int) {
        self.minimum = minimum
        self.maximum = max(minimum, maximum)
        target = minimum
    }

    var isOff: Bool { minimum == 0 }

    /// Whether it is worth looking from time to time if fewer would do.
    var isRaised: Bool { target > minimum }

    /// Other bounds; a target that was raised stays where they let it.
    mutating func setBounds(minimum: Int, maximum: Int) {
        let bounds = minimum...max(minimum, maximum)
        target = isRaised && minimum > 0 ? min(max(target, bounds.lowerBound), bounds.upperBound) : minimum
        (self.minimum, self.maximum) = (bounds.lowerBound, bounds.upperBound)
        wasFull = false
        fewest = nil
    }

    /// So many are ready, after one was taken or made.
    mutating func note(ready: Int) {
        if ready >= target { wasFull = true }
        fewest = min(fewest ?? ready, ready)
    }

    /// One was asked for, and there was none.
    mutating func noteEmpty() {
        fewest = 0
        guard wasFull else { return }
        wasFull = false
        target = min(target * 2, maximum)
    }

    /// Some time is over. Where half of them were never needed in it, half of them will do.
    mutating func noteTimePassed() {
        defer { fewest = nil }
        guard isRaised, (fewest ?? target) >= target - target / 2 else { return }
        target = max(target / 2, minimum)
    }
}
