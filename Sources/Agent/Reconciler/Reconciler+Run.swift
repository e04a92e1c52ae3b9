// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Logging
import TaskNetworking
import VPC

extension Reconciler {
    /// Compares everything, and puts right what differs, whoever has to wait for another attempt.
    @discardableResult
    func runAll() async throws -> ReconciliationDescription.Run {
        try await runs.take("all") {
            let begin = ContinuousClock.now
            var run = ReconciliationDescription.Run(startedAt: .now())
            let stored = try await store.read { try $0.allExpectations() }
            run.networkCount = stored.count
            for owner in try await differing(stored) {
                try Task.checkCancellation()
                if let repair = await repair(owner) { run.repaired.append(repair) }
            }
            if let repair = await repairPacketFilter() { run.repaired.append(repair) }
            noteKept(try await network.retryKept() + sandboxes.retryKept())
            try await removeLeftovers(&run)
            forget(allBut: Set(stored.map(\.owner) + [.packetFilter]))
            run.durationMs = Int(begin.duration(to: .now) / .milliseconds(1))
            lastRun = run
            log.debug(
                "everything is compared with the kernel",
                metadata: ["networks": "\(run.networkCount)", "milliseconds": "\(run.durationMs)"])
            return run
        }
    }

    /// Compares some, and puts right what differs, each when it is its time.
    func check(_ owners: Set<NetworkOwner>) async {
        do {
            if owners.contains(.packetFilter) { _ = await repairPacketFilter() }
            let stored = try await store.read { store in
                try owners.flatMap { try store.expectations(of: $0) }
            }
            for owner in try await differing(stored) where !Task.isCancelled { await repairAtItsPace(owner) }
            forget(owners.subtracting(stored.map(\.owner) + [.packetFilter]))
        } catch {
            log.error(
                "the kernel is not compared with what ought to be",
                metadata: ["owners": "\(owners.map(\.description).sorted().listed)", "error": "\(error)"])
        }
    }

    /// Those of whom something differs, or cannot be looked at. The others are at peace.
    private func differing(_ stored: [StoredExpectation]) async throws -> [NetworkOwner] {
        let kernel = kernel
        let compared = try await Blocking.run {
            let expectations = try stored.flatMap { try $0.expectations() }
            return zip(expectations.map(\.owner), kernel.compare(expectations)).map { ($0, $1) }
        }
        var differing: Set<NetworkOwner> = []
        var order: [NetworkOwner] = []
        for (owner, comparison) in compared where comparison.asksForRepair {
            if differing.insert(owner).inserted { order.append(owner) }
        }
        for (owner, _) in compared where !differing.contains(owner) && histories[owner] != nil {
            histories[owner]?.notePeace()
            forgetRetry(of: owner)
        }
        return order
    }

    /// What was to go and is still there: since when, and how often that was tried.
    private func noteKept(_ networks: [KeptNetwork]) {
        let before = kept
        kept = [:]
        for network in networks {
            let known = before.first { $0.key.isAboutTheSame(as: network) }?.value
            kept[network] = (known?.since ?? .now(), (known?.attempts ?? 0) + 1)
        }
    }

    /// Drops what is remembered of those who are gone, and of those who have been at peace for long.
    private func forget(allBut owners: Set<NetworkOwner>) {
        forget(
            Set(histories.filter { !owners.contains($0.key) || $0.value.isForgettable(at: .now) }.map(\.key)))
    }

    private func forget(_ owners: Set<NetworkOwner>) {
        for owner in owners {
            histories[owner] = nil
            forgetRetry(of: owner)
        }
    }
}

extension KeptNetwork {
    fileprivate func isAboutTheSame(as other: KeptNetwork) -> Bool {
        owner == other.owner && networkInterfaceID == other.networkInterfaceID
    }
}

extension Comparison {
    fileprivate var asksForRepair: Bool {
        switch self {
        case .found(let drift): !drift.isEmpty
        case .over: false
        case .failed: true
        }
    }
}
