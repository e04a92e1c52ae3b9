// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Firewall
import Logging
import Netfilter
import VPC

extension SecurityGroupService {
    /// Follows who else changes our tables, and puts right what they do, until it is cancelled. `nft flush ruleset`,
    /// with which many a host's own rules begin, takes all of it away.
    func watch() async {
        do {
            let firewall = try await connected()
            let events = try await Blocking.run { try firewall.events() }
            var pace = RepairPace()
            // What was changed before is not among them.
            var happened: [RulesetEvent]? = [.overflow]
            while let now = happened {
                try await mend(after: try await byOthers(now), events, &pace)
                happened = try await events.next()
            }
        } catch is CancellationError {
            // The daemon ends.
        } catch {
            log.error(
                "what others change in the packet filter is not noticed any more: restart tasknetd",
                metadata: ["error": "\(error)"])
        }
    }

    /// Puts right what somebody may have changed, at its pace; what cannot be put right is tried again.
    private func mend(after events: [RulesetEvent], _ source: RulesetEvents, _ pace: inout RepairPace) async throws {
        var events = events
        while !events.isEmpty {
            let delay = pace.delay(at: .now)
            if delay > .zero {
                log.error(
                    """
                    another program keeps changing the packet filter's tables tasknet, and security groups are not \
                    enforced in between: stop it
                    """, metadata: ["program": "\(events.authors)", "pause": "\(delay.components.seconds + 1) s"])
                try await Task.sleep(for: delay)
                events += try await byOthers(try source.now())
            }
            do {
                if try await repair(after: events) { pace.note(at: .now) }
                events = []
            } catch {
                try Task.checkCancellation()
                log.error(
                    "what others changed in the packet filter is not put right",
                    metadata: ["program": "\(events.authors)", "error": "\(error)"])
                pace.note(at: .now)
            }
        }
    }

    /// Only when no change is under way it is known which were our own.
    private func byOthers(_ events: [RulesetEvent]) async throws -> [RulesetEvent] {
        guard let firewall = enforcing else { return [] }
        return try await Blocking.run { firewall.byOthers(events) }
    }

    /// Makes everything true again where it is not.
    ///
    /// - Parameter events: where somebody is known to have touched our tables all is written anew even when no
    ///   difference is seen: not everything is looked at, and what stays as it is goes on counting.
    /// - Returns: whether anything was written.
    @discardableResult
    func repair(after events: [RulesetEvent] = [.overflow]) async throws -> Bool {
        try await inTurn {
            guard let firewall = enforcing else { return false }
            let state = try await expectedState()
            let found: String
            do {
                let drift = try await Blocking.run { try firewall.check(state) }
                if drift.isEmpty, events.allSatisfy({ $0 == .overflow }) { return false }
                found = drift.isEmpty ? "nothing that matters" : drift.map(\.description).listed
            } catch {
                found = "\(error)"
            }
            try await applyAll()
            log.warning(
                "the packet filter was changed by somebody else, and is made anew",
                metadata: ["program": "\(events.authors)", "found": "\(found)"])
            await noteRepair("changed by \(events.authors): \(found)")
            return true
        }
    }

    func noteRepair(_ cause: String) async {
        repairCount += 1
        await store.tell(EventRecord(.repair, of: .packetFilter, to: "REPAIRED", cause: cause), log)
    }

    /// What others have changed, as texts; nothing of this is known where nothing is enforced.
    func packetFilterDrift() async throws -> [String] {
        try await inTurn {
            guard let firewall = enforcing else {
                return ["security groups are not enforced: tasknetd's log says why"]
            }
            let state = try await expectedState()
            return try await Blocking.run { try firewall.check(state).map(\.description) }
        }
    }
}

extension [RulesetEvent] {
    /// The programs that are known, for a message.
    fileprivate var authors: String {
        let names = Set(
            compactMap { event in
                guard case .transaction(let transaction) = event else { return nil }
                return "\(transaction.processName) (\(transaction.processID))"
            } as [String])
        return names.isEmpty ? "unknown" : names.sorted().listed
    }
}
