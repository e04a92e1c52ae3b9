// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Logging
import TaskNetworking
import VPC

extension Reconciler {
    /// The same, where it is not too soon after the last repair; otherwise then.
    func repairAtItsPace(_ owner: NetworkOwner) async {
        let delay = histories[owner]?.delay(at: .now) ?? .zero
        guard delay > .zero else {
            _ = await repair(owner)
            return
        }
        if histories[owner]?.failure == nil {
            log.error(
                "another program keeps changing a network, and undoes what is put right: stop it",
                metadata: ["network": "\(owner)", "pause": "\(delay.components.seconds + 1) s"])
        }
        retry(owner)
    }

    /// Puts right what differs of an owner's network, in its turn.
    ///
    /// - Returns: what was put right; nil where nothing had to be, or it could not.
    func repair(_ owner: NetworkOwner) async -> ReconciliationDescription.Repair? {
        var found: [Drift] = []
        do {
            try await journal.inTurn(of: owner) {
                let kernel = kernel
                // As it is now: it may have been stopped, or changed, since it was looked at.
                let stored = try await store.read { try $0.expectations(of: owner) }
                let differing = try await Blocking.run {
                    let expectations = try stored.flatMap { try $0.expectations() }
                    return try zip(expectations, kernel.compare(expectations)).compactMap { expectation, comparison in
                        if case .failed(let reason) = comparison { throw ReconciliationError.notComparable(reason) }
                        return comparison.drift.isEmpty ? nil : (expectation, comparison.drift)
                    }
                }
                found = differing.flatMap(\.1)
                if found.isEmpty { return }
                try await mend(differing.map(\.0), of: owner, found)
            }
        } catch {
            if error is CancellationError { return nil }
            let failure = RepairHistory.Failure(
                found: found.texts, error: "\(error)", since: .now(), missingDevices: found.missingDevices)
            await noteFailure(of: owner, failure)
            return nil
        }
        guard !found.isEmpty else {
            histories[owner]?.notePeace()
            return nil
        }
        return noteRepair(of: owner, found.texts, kinds: found.kinds)
    }

    /// The plans are in the store already: they are the intent.
    private func mend(_ expectations: [Expectation], of owner: NetworkOwner, _ found: [Drift]) async throws {
        let event = EventRecord(.repair, of: owner, to: "REPAIRED", cause: found.texts.listed)
        try await journal.make(.repair) { _ in
        } kernel: { kernel, _ in
            try await Blocking.run { for expectation in expectations { try kernel.repair(expectation) } }
        } outcome: { store, _ in
            if case .task(let id) = owner { try store.setReason(nil, ofAttached: { _ in true }, taskID: id) }
            _ = try store.append(event)
        }
    }

    private func noteRepair(
        of owner: NetworkOwner, _ texts: [String], kinds: Set<String>
    ) -> ReconciliationDescription.Repair {
        for kind in kinds { repairCounts[kind, default: 0] += 1 }
        histories[owner, default: RepairHistory()].noteRepair(at: .now)
        forgetRetry(of: owner)
        log.warning("a network was put right", metadata: ["network": "\(owner)", "found": "\(texts.listed)"])
        return ReconciliationDescription.Repair(owner: .init(owner), found: texts)
    }

    private func noteFailure(of owner: NetworkOwner, _ failure: RepairHistory.Failure) async {
        histories[owner, default: RepairHistory()].noteFailure(failure, at: .now)
        retry(owner)
        let delay = histories[owner]?.delay(at: .now) ?? .zero
        log.error(
            "a network cannot be put right",
            metadata: [
                "network": "\(owner)", "found": "\(failure.found.listed)", "error": "\(failure.error)",
                "next attempt": "in \(delay.components.seconds + 1) s",
            ])
        // Once, however often it is tried.
        guard histories[owner]?.backOff.attempts == 1 else { return }
        await store.tell(EventRecord(.repair, of: owner, to: "FAILED", cause: failure.error), log)
        await noteMissing(failure, of: owner)
    }

    /// Who looks at the ENI sees why the task cannot use it.
    private func noteMissing(_ failure: RepairHistory.Failure, of owner: NetworkOwner) async {
        guard case .task(let id) = owner, !failure.missingDevices.isEmpty else { return }
        do {
            try await store.write { store in
                try store.setReason(failure.error, ofAttached: failure.missingDevices.contains, taskID: id)
            }
        } catch {
            log.error("a missing device is not recorded", metadata: ["task": "\(id)", "error": "\(error)"])
        }
    }
}

extension Store {
    /// Adds an event that goes with no other change.
    func tell(_ event: EventRecord, _ log: Logger) async {
        do {
            _ = try await write { try $0.append(event) }
        } catch {
            log.error("an event is not recorded", metadata: ["event": "\(event)", "error": "\(error)"])
        }
    }
}

extension StoreTransaction {
    /// Says of attached ENIs of a task, by their MAC addresses, what is the matter with them.
    fileprivate func setReason(
        _ reason: String?, ofAttached isMeant: (MACAddress) -> Bool, taskID: String
    ) throws {
        for interface in try networkInterfaces(taskID: taskID)
        where interface.status == .attached && interface.statusReason != reason
            && isMeant(interface.networkInterface.macAddress)
        {
            try updateNetworkInterface(interface.id) { $0.statusReason = reason }
        }
    }
}

extension EventRecord {
    init(_ kind: EventKind, of owner: NetworkOwner, to status: String, cause: String) {
        switch owner {
        case .task(let id): self.init(kind, subject: id, taskID: id, to: status, cause: cause)
        default: self.init(kind, subject: owner.description, to: status, cause: cause)
        }
    }
}

extension Reconciler {
    /// Looks whether the packet filter is as groups want it, and has it made anew. Who changes it is followed by the
    /// groups' own watch, at its own pace; here is told what that could not put right.
    func repairPacketFilter() async -> ReconciliationDescription.Repair? {
        var drift: [String] = []
        do {
            drift = try await groups.packetFilterDrift()
            if drift.isEmpty {
                histories[.packetFilter]?.notePeace()
                return nil
            }
            _ = await groups.mend()
            let rest = try await groups.packetFilterDrift()
            guard rest.isEmpty else { throw ReconciliationError.stillDifferent(rest) }
        } catch {
            await noteFailure(of: .packetFilter, .init(found: drift, error: "\(error)", since: .now()))
            return nil
        }
        // Counted and told by the groups, with those that nobody asked for.
        return noteRepair(of: .packetFilter, drift, kinds: [])
    }
}

extension [Drift] {
    /// The MAC addresses of devices that are nowhere on this host.
    fileprivate var missingDevices: Set<MACAddress> {
        Set(compactMap { if case .deviceGone(let address) = $0.kind { address } else { nil } })
    }
}
