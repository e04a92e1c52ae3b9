// SPDX-License-Identifier: Apache-2.0

/// How long one step of an apply took.
package struct StepDuration: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The requirement's label, "address 10.0.1.5/24 on eth0".
    package let step: String
    package let duration: Duration

    package init(step: String, duration: Duration) {
        self.step = step
        self.duration = duration
    }

    package var description: String { "\(step): \(duration.formattedMicroseconds)" }
}

/// What an apply did.
package struct AppliedNetwork: Hashable, Sendable {
    package let steps: [StepDuration]

    package var total: Duration { steps.reduce(.zero) { $0 + $1.duration } }
}

/// What a teardown could not do, and what it did otherwise than one would expect.
package struct TeardownResult: Sendable {
    package var errors: [TaskNetworkError] = []
    /// For people: "device eth7 was given back as eth7-1: its name is taken".
    package var remarks: [String] = []
    /// Whether veth pairs are left for `TaskNetwork.removeReleased`.
    package var hasReleasedLinks = false
}

extension Duration {
    /// "12.3 µs"
    fileprivate var formattedMicroseconds: String {
        let nanoseconds = components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
        return "\(nanoseconds / 1000).\(nanoseconds % 1000 / 100) µs"
    }
}
