// SPDX-License-Identifier: Apache-2.0
import Linux

/// The one way by which the daemon changes what the kernel has: the intent is in the store before the kernel is touched,
/// the outcome after.
///
/// A daemon that dies anywhere leaves an intent without an outcome. The next one finds it in the store, and finishes or
/// undoes it, because every change can be repeated.
struct NetworkJournal: Sendable {
    private let store: Store
    private let turns = Turns<NetworkOwner>()

    init(store: Store) { self.store = store }

    /// One at a time changes what an owner has, or compares it with the kernel; in the order in which they come. Not
    /// reentrant: whoever has the turn must not ask for it again.
    func inTurn<Result: Sendable>(
        of owner: NetworkOwner, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async rethrows -> Result {
        try await turns.take(owner, body)
    }

    /// Makes a change.
    ///
    /// - Parameters:
    ///   - intent: writes what is about to be made or undone. Where it throws, nothing is done.
    ///   - kernel: does it. Where it throws, the intent stays, and the caller undoes it by another change.
    ///   - outcome: writes what has become of it.
    /// - Returns: what the outcome says.
    func make<Intent: Sendable, Made: Sendable, Outcome: Sendable>(
        _ change: JournaledChange, isolation: isolated (any Actor)? = #isolation,
        intent: @Sendable @escaping (StoreTransaction) throws -> Intent,
        kernel: (Intent) async throws -> Made,
        outcome: @Sendable @escaping (StoreTransaction, Made) throws -> Outcome
    ) async throws -> Outcome {
        let intended = try await store.write { try intent($0) }
        FaultPoint.pass(change.faultPoint(after: .intent))
        let made = try await kernel(intended)
        FaultPoint.pass(change.faultPoint(after: .kernel))
        let result = try await store.write { try outcome($0, made) }
        FaultPoint.pass(change.faultPoint(after: .outcome))
        return result
    }
}
