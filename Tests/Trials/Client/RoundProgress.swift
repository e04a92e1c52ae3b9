// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// How far the clients of a round are, for whoever kills the daemon, and for the report.
final class RoundProgress: Sendable {
    struct Step: Sendable {
        let client: Int
        let operation: Operation
        let outcome: Outcome
    }

    private struct State {
        var steps: [Step] = []
        var variant: TrialHost.Variant?
    }

    private let state = Mutex(State())

    func note(_ operation: Operation, _ outcome: Outcome, client: Int) {
        state.withLock { $0.steps.append(Step(client: client, operation: operation, outcome: outcome)) }
    }

    func note(_ variant: TrialHost.Variant) { state.withLock { $0.variant = variant } }

    var steps: [Step] { state.withLock { $0.steps } }

    /// Of operations that were really asked for.
    var completed: Int { state.withLock { $0.steps.count { $0.outcome != .skipped } } }

    /// The last configuration that was written, if one was.
    var variant: TrialHost.Variant? { state.withLock { $0.variant } }
}
