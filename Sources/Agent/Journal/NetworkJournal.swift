// SPDX-License-Identifier: Apache-2.0
import Linux
import TaskNetworking

/// The one way by which the daemon changes what the kernel has: the intent is in the store before the kernel is touched,
/// the outcome after. Only what goes by it gets a `TaskNetwork` that can change something; all others have a view.
///
/// A daemon that dies anywhere leaves an intent without an outcome. The next one finds it in the store, and finishes or
/// undoes it, because every change can be repeated.
struct NetworkJournal: Sendable {
    private let store: Store
    private let kernel: TaskNetwork
    private let turns = Turns<NetworkOwner>()

    init(_ store: Store, kernel: TaskNetwork) {
        self.store = store
        self.kernel = kernel
    }

    /// The kernel, to look at.
    var view: any KernelView { kernel }

    /// One at a time changes what an owner has, or compares it with the kernel; in the order in which they come. Not
    /// reentrant: whoever has the turn must not ask for it again.
    ///
    /// Who needs several takes them in this order: a task's or a sandbox's, the host's, the packet filter's. Nobody has
    /// one while it waits for something that may never come.
    func inTurn<Result: Sendable>(
        of owner: NetworkOwner, isolation: isolated (any Actor)? = #isolation, _ body: () async throws -> Result
    ) async rethrows -> Result {
        try await turns.take(owner, body)
    }

    /// Makes a change, in the turn of whose network it is.
    ///
    /// - Parameters:
    ///   - durability: of the intent.
    ///   - intent: writes what is about to be made or undone. Where it throws, nothing is done.
    ///   - kernel: does it. Where it throws, the intent stays, and the caller undoes it by another change.
    ///   - refused: takes the intent back instead, where the kernel has been left as it was.
    ///   - within: what has to be held while the outcome is written. It writes it by its last parameter.
    ///   - outcome: writes what has become of it.
    /// - Returns: what the outcome says.
    func make<Intent: Sendable, Made: Sendable, Outcome: Sendable>(
        _ change: JournaledChange, durability: Store.Durability = .process,
        isolation: isolated (any Actor)? = #isolation,
        intent: @Sendable @escaping (StoreTransaction) throws -> Intent,
        kernel body: (TaskNetwork, Intent) async throws -> Made,
        refused: (@Sendable (StoreTransaction, Intent) throws -> Void)? = nil,
        within: (Made, @Sendable () async throws -> Outcome) async throws -> Outcome = { try await $1() },
        outcome: @Sendable @escaping (StoreTransaction, Made) throws -> Outcome
    ) async throws -> Outcome {
        let intended = try await traced(.intent) { try await store.write(durability) { try intent($0) } }
        FaultPoint.pass(change.faultPoint(after: .intent))
        let made: Made
        do {
            made = try await body(kernel, intended)
        } catch {
            if let refused { try await write(durability) { try refused($0, intended) } }
            throw error
        }
        let result = try await within(made) {
            FaultPoint.pass(change.faultPoint(after: .kernel))
            return try await traced(.outcome) { try await write(.process) { try outcome($0, made) } }
        }
        FaultPoint.pass(change.faultPoint(after: .outcome))
        return result
    }

    /// Makes a namespace that is ready for a task, of which the store knows nothing: only this process holds it, and a
    /// daemon that dies leaves nothing of it. What a task takes is in that task's plan, as what is made for it would be.
    func makeWarmNetwork(mtu: Int?, withIPv6: Bool) async throws -> WarmNetwork {
        let kernel = kernel
        return try await Blocking.run { try kernel.makeWarmNetwork(mtu: mtu, withIPv6: withIPv6) }
    }

    /// What has become of a change is written also when nobody waits for it any more.
    private func write<Result: Sendable>(
        _ durability: Store.Durability, _ body: @Sendable @escaping (StoreTransaction) throws -> Result
    ) async throws -> Result {
        let store = store
        return try await Blocking.task { try await store.write(durability, body) }.value
    }
}
