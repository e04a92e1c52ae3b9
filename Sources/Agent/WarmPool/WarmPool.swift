// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Logging
import ServiceLifecycle
import Synchronization
import TaskNetworking
import VPC

/// Namespaces with a veth pair that are ready before a task asks for one. A task that takes one has its network in less than
/// half the time; one that finds none has its own made, and nothing else changes.
///
/// Made one at a time while no task's network is being made, so that no task waits for one that is not its own. Nobody is
/// woken while there are as many as there ought to be.
final class WarmPool: AgentPart {
    private let journal: NetworkJournal
    private let current: CurrentConfiguration
    private let log: Logger
    /// After which a target that was raised is looked at again.
    private let period: Duration
    private let state: Mutex<State>
    /// Something is to be made, or was asked for.
    private let wakes = Wakes()
    /// The target may be raised.
    private let raises = Wakes()

    private struct State {
        var demand: WarmDemand
        var ready: [WarmNetwork] = []
        /// Those whose names were given to tasks' ENIs, which have not come for them yet, and when. Nobody else may have
        /// them: two links would be on their way to one name.
        var offered: [WarmIdentity: ContinuousClock.Instant] = [:]
        /// Tasks' networks that are being made just now.
        var underWay = 0
        /// What is made belongs to the pool only where nothing has emptied it meanwhile.
        var generation = 0
        var isClosed = false
        var taken = 0
        var missed = 0
        var failure: String?

        /// The one of this name, or one that was offered to nobody.
        mutating func take(for plan: TaskNetworkPlan) -> WarmNetwork? {
            let name = plan.warmPair?.hostName
            let place =
                ready.firstIndex { $0.hostName == name }
                ?? ready.firstIndex { offered[$0.identity] == nil && $0.fits(plan) }
            guard let place else { return nil }
            let network = ready.remove(at: place)
            offered[network.identity] = nil
            // One that has the name and cannot be used is in the way of the one that is made instead.
            return network.fits(plan) ? network : nil
        }

        /// Those that nobody has come for, of a task that did not come to be.
        mutating func takeForgotten(at now: ContinuousClock.Instant = .now) -> [WarmNetwork] {
            let forgotten = Set(offered.filter { $0.value.duration(to: now) > WarmPool.patience }.keys)
            guard !forgotten.isEmpty else { return [] }
            let networks = ready.filter { forgotten.contains($0.identity) }
            ready.removeAll { forgotten.contains($0.identity) }
            for identity in forgotten { offered[identity] = nil }
            return networks
        }

        var lacks: Bool { !isClosed && underWay == 0 && ready.count < demand.target }
    }

    init(_ context: AgentContext, journal: NetworkJournal, period: Duration = .seconds(60)) {
        self.journal = journal
        current = context.configuration
        log = context.logger(for: "pool")
        self.period = period
        let bounds = current.value.warmPoolBounds
        state = Mutex(State(demand: WarmDemand(minimum: bounds.lowerBound, maximum: bounds.upperBound)))
    }

    func register(in dispatcher: inout APIDispatcher) {
        dispatcher.register(TaskNetworkAPI.DescribeWarmPool.self) { [self] _, _ in describe() }
    }

    func run() async throws {
        await withTaskGroup { group in
            group.addTask { await self.keepFilled() }
            group.addTask { await self.keepSmall() }
            try? await gracefulShutdown()
            group.cancelAll()
        }
        empty(closing: true)
    }

    func configurationChanged(_ difference: ConfigurationDifference) {
        let keys = Set(difference.live.map(\.key))
        if !keys.isDisjoint(with: [.warmPoolMinimum, .warmPoolMaximum, .interfaceType]) {
            let bounds = current.value.warmPoolBounds
            state.withLock { $0.demand.setBounds(minimum: bounds.lowerBound, maximum: bounds.upperBound) }
            dropSurplus()
        }
        if !keys.isDisjoint(with: [.mtu, .subnets]) { empty(closing: false) }
        wakes.wake()
        raises.wake()
    }
}

// MARK: - Taking

extension WarmPool {
    /// Runs what makes a task's network, with where it can take a namespace that is ready. None is made meanwhile.
    func duringProvision<Result>(
        isolation: isolated (any Actor)? = #isolation, _ body: (@escaping WarmSource) async throws -> Result
    ) async rethrows -> Result {
        state.withLock { $0.underWay += 1 }
        defer {
            let lacks = state.withLock { state in
                state.underWay -= 1
                return state.lacks
            }
            if lacks { wakes.wake() }
        }
        return try await body { self.take(for: $0) }
    }

    /// How long one is kept for the ENI that was called after it.
    fileprivate static let patience = Duration.seconds(60)

    /// What a new ENI is to be called, so that one that is ready has its name already; nil where it may have any name. It
    /// is kept for that ENI for a while.
    func offer() -> WarmIdentity? {
        var forgotten: [WarmNetwork] = []
        let identity = state.withLock { state -> WarmIdentity? in
            forgotten = state.takeForgotten()
            guard let network = state.ready.first(where: { state.offered[$0.identity] == nil }) else { return nil }
            state.offered[network.identity] = .now
            return network.identity
        }
        // They end outside of the lock: closing takes its time.
        if !forgotten.isEmpty { wakes.wake() }
        return identity
    }

    private func take(for plan: TaskNetworkPlan) -> WarmNetwork? {
        let (network, isRaised) = state.withLock { state -> (WarmNetwork?, Bool) in
            guard !state.demand.isOff, !state.isClosed else { return (nil, false) }
            if let network = state.take(for: plan) {
                state.taken += 1
                state.demand.note(ready: state.ready.count)
                return (network, false)
            }
            state.missed += 1
            if state.ready.allSatisfy({ state.offered[$0.identity] != nil }) { state.demand.noteEmpty() }
            return (nil, state.demand.isRaised)
        }
        if isRaised { raises.wake() }
        return network
    }

    func describe() -> WarmPoolDescription {
        state.withLock { state in
            WarmPoolDescription(
                minimum: state.demand.minimum, maximum: state.demand.maximum, target: state.demand.target,
                ready: state.ready.count, taken: state.taken, missed: state.missed, failure: state.failure)
        }
    }
}

// MARK: - Making

extension WarmPool {
    private func keepFilled() async {
        while !Task.isCancelled {
            while !Task.isCancelled, await makeOne() {}
            await wakes.sleep(atMost: nil)
        }
    }

    /// - Returns: whether there may be more to make. After a failure the next who asks has it tried again.
    private func makeOne() async -> Bool {
        guard let generation = state.withLock({ $0.lacks ? $0.generation : nil }) else { return false }
        do {
            let configuration = current.value
            let network = try await journal.makeWarmNetwork(
                mtu: configuration.mtu, withIPv6: configuration.subnets.contains { $0.ipv6CIDRBlock != nil })
            state.withLock { state in
                state.failure = nil
                // One that is not kept is gone with its descriptors.
                guard state.generation == generation, state.ready.count < state.demand.target else { return }
                state.ready.append(network)
                state.demand.note(ready: state.ready.count)
            }
            return true
        } catch {
            let isNew = state.withLock { state in
                defer { state.failure = "\(error)" }
                return state.failure == nil
            }
            if isNew { log.warning("no namespace is made ready for tasks", metadata: ["error": "\(error)"]) }
            return false
        }
    }

    /// Looks from time to time if fewer would do, as long as there are more than the fewest.
    private func keepSmall() async {
        while !Task.isCancelled {
            await raises.sleep(atMost: nil)
            while state.withLock({ $0.demand.isRaised }), (try? await Task.sleep(for: period)) != nil {
                state.withLock { $0.demand.noteTimePassed() }
                dropSurplus()
            }
        }
    }

    private func dropSurplus() {
        // They end outside of the lock: closing takes its time.
        var surplus: [WarmNetwork] = []
        state.withLock { state in
            while state.ready.count > state.demand.target, let last = state.ready.popLast() {
                state.offered[last.identity] = nil
                surplus.append(last)
            }
        }
        surplus.removeAll()
    }

    /// Gives up all that are ready. The kernel takes away what nobody holds any more.
    private func empty(closing: Bool) {
        var networks: [WarmNetwork] = []
        state.withLock { state in
            state.generation += 1
            state.isClosed = state.isClosed || closing
            state.offered = [:]
            swap(&state.ready, &networks)
        }
        networks.removeAll()
    }
}

extension AgentConfiguration {
    /// Tasks take only what has a veth in it.
    fileprivate var warmPoolBounds: ClosedRange<Int> {
        interfaceType == .veth ? warmPool.minimum...max(warmPool.minimum, warmPool.maximum) : 0...0
    }
}
