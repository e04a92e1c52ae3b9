// SPDX-License-Identifier: Apache-2.0

/// How soon what others have changed is put right: at once, but for somebody who goes on and on. Two programs that undo
/// each other's work must not do so without pause.
struct RepairPace {
    /// Without any pause.
    private static let prompt = 5
    /// After this long in peace all is as at the beginning. Longer than the longest pause.
    private static let peace = Duration.seconds(60)
    private static let longest = Duration.seconds(30)

    private var repairs = 0
    private var last: ContinuousClock.Instant?

    /// How long the next repair has to wait.
    func delay(at now: ContinuousClock.Instant) -> Duration {
        guard let last, last.duration(to: now) < Self.peace, repairs >= Self.prompt else { return .zero }
        let pause = min(.seconds(1 << min(repairs - Self.prompt, 10)), Self.longest)
        return max(.zero, pause - last.duration(to: now))
    }

    mutating func note(at now: ContinuousClock.Instant) {
        if let last, last.duration(to: now) >= Self.peace { repairs = 0 }
        repairs += 1
        last = now
    }
}
