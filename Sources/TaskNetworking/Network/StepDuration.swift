// SPDX-License-Identifier: Apache-2.0

/// How long one step of an apply, a repair or a teardown took.
package struct StepDuration: Hashable, Sendable, CustomStringConvertible {
    package let requirement: Requirement
    package let duration: Duration

    package init(_ requirement: Requirement, duration: Duration) {
        self.requirement = requirement
        self.duration = duration
    }

    /// The requirement's label, "address 10.0.1.5/24 on eth0". Not made on the path: nobody may want to read it.
    package var step: String { requirement.description }

    package var description: String { "\(step): \(duration.formattedMicroseconds)" }
}

/// Steps that follow on one another, timed by one look at the clock for each.
package struct TimedSteps: Hashable, Sendable {
    package let began = ContinuousClock.now
    package private(set) var steps: [StepDuration] = []
    private var last: ContinuousClock.Instant

    /// - Parameter count: how many there will be, as far as is known.
    package init(reserving count: Int = 0) {
        last = began
        steps.reserveCapacity(count)
    }

    /// A step ends; the next one begins.
    mutating func end(_ requirement: Requirement) {
        let now = ContinuousClock.now
        steps.append(StepDuration(requirement, duration: last.duration(to: now)))
        last = now
    }
}

/// What an apply did.
package struct AppliedNetwork: Hashable, Sendable {
    package let timed: TimedSteps

    package var steps: [StepDuration] { timed.steps }
    package var total: Duration { steps.reduce(.zero) { $0 + $1.duration } }
}

/// What a teardown could not do, and what it did otherwise than one would expect.
package struct TeardownResult: Sendable {
    package var errors: [TaskNetworkError] = []
    /// For people: "device eth7 was given back as eth7-1: its name is taken".
    package var remarks: [String] = []
    /// Whether veth pairs are left for `TaskNetwork.removeReleased`.
    package var hasReleasedLinks = false
    package var timed = TimedSteps()
}

extension Duration {
    /// "12.3 µs"
    fileprivate var formattedMicroseconds: String {
        let nanoseconds = components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
        return "\(nanoseconds / 1000).\(nanoseconds % 1000 / 100) µs"
    }
}
