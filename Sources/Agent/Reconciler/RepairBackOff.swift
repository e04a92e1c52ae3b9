// SPDX-License-Identifier: Apache-2.0
import Addressing
import VPC

/// When a repair that failed is tried again: each time twice as long after, up to a limit.
struct RepairBackOff: Sendable {
    static let first = Duration.seconds(1)
    static let longest = Duration.seconds(5 * 60)

    private(set) var attempts = 0
    private(set) var next: ContinuousClock.Instant?

    mutating func noteFailure(at now: ContinuousClock.Instant) {
        attempts += 1
        // As 2^9 s are more than the limit already.
        next = now.advanced(by: min(Self.first * (1 << min(attempts - 1, 9)), Self.longest))
    }

    /// How long the next attempt has to wait.
    func delay(at now: ContinuousClock.Instant) -> Duration { next.map { max(.zero, now.duration(to: $0)) } ?? .zero }
}

/// What is remembered of an owner whose network was repaired, or could not be.
struct RepairHistory: Sendable {
    struct Failure: Sendable {
        var found: [String]
        var error: String
        var since: Timestamp
        /// MAC addresses of devices that are missing: when one comes, it is tried again.
        var missingDevices: Set<MACAddress> = []
    }

    private var pace = RepairPace()
    private(set) var backOff = RepairBackOff()
    private(set) var failure: Failure?
    private var lastRepair: ContinuousClock.Instant?

    /// How long the next repair has to wait: because the last failed, or because one follows the other.
    func delay(at now: ContinuousClock.Instant) -> Duration { max(pace.delay(at: now), backOff.delay(at: now)) }

    mutating func noteRepair(at now: ContinuousClock.Instant) {
        notePeace()
        pace.note(at: now)
        lastRepair = now
    }

    mutating func noteFailure(_ failure: Failure, at now: ContinuousClock.Instant) {
        var failure = failure
        failure.since = self.failure?.since ?? failure.since
        self.failure = failure
        backOff.noteFailure(at: now)
    }

    /// Nothing differs.
    mutating func notePeace() {
        failure = nil
        backOff = RepairBackOff()
    }

    /// Whether there is nothing in it that will count again.
    func isForgettable(at now: ContinuousClock.Instant) -> Bool {
        failure == nil && (lastRepair.map { $0.duration(to: now) > .seconds(120) } ?? true)
    }
}
