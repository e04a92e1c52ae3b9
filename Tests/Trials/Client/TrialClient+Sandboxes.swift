// SPDX-License-Identifier: Apache-2.0
import JSON
import Linux
import SystemPackage
import UnderTest

extension TrialClient {
    mutating func add(_ slot: Int, subnet: Int) -> Outcome {
        var entry = ledger.sandboxes[slot] ?? SandboxEntry(name: "c\(ledger.client)-s\(slot)")
        guard entry.attachment == .no || entry.isOrphaned else { return .skipped }
        if !entry.isThere {
            guard (try? NetworkNamespace.create(at: path(entry))) != nil else { return .refused("no namespace") }
            entry.isThere = true
        }
        ledger.sandboxes[slot] = entry
        let outcome = ask("ADD", entry.name, subnet: TrialHost.subnets[subnet].id)
        switch outcome {
        case .acknowledged: (entry.attachment, entry.isOrphaned) = (.yes, false)
        case .unknown: (entry.attachment, entry.isOrphaned) = (.unknown, false)
        case .refused, .absent, .skipped: break
        }
        ledger.sandboxes[slot] = entry
        return outcome
    }

    func check(_ slot: Int) -> Outcome {
        guard let entry = ledger.sandboxes[slot], entry.attachment == .yes, entry.isThere, !entry.isOrphaned else {
            return .skipped
        }
        return ask("CHECK", entry.name)
    }

    /// Without a daemon the plugin keeps it for the next one, and says that it is done.
    mutating func delete(_ slot: Int) -> Outcome {
        guard let entry = ledger.sandboxes[slot] else { return .skipped }
        let outcome = ask("DEL", entry.name)
        switch outcome {
        case .acknowledged: ledger.sandboxes[slot]?.forgetAttachment()
        case .unknown: ledger.sandboxes[slot]?.attachment = .unknown
        case .refused, .absent, .skipped: break
        }
        return outcome
    }

    mutating func collect(keeping slots: [Int]) -> Outcome {
        let going = ledger.sandboxes.keys.filter { !slots.contains($0) }
        let outcome = ask("GC", nil, keeping: slots.compactMap { ledger.sandboxes[$0]?.name })
        for slot in going {
            switch outcome {
            case .acknowledged: ledger.sandboxes[slot]?.forgetAttachment()
            case .unknown:
                if ledger.sandboxes[slot]?.attachment == .yes { ledger.sandboxes[slot]?.attachment = .unknown }
            case .refused, .absent, .skipped: break
            }
        }
        return outcome
    }

    mutating func removeNamespace(_ slot: Int) -> Outcome {
        guard let entry = ledger.sandboxes[slot], entry.isThere else { return .skipped }
        guard (try? NetworkNamespace.remove(at: path(entry))) != nil else { return .refused("the namespace stays") }
        ledger.sandboxes[slot]?.isThere = false
        ledger.sandboxes[slot]?.isOrphaned = entry.attachment != .no
        return .acknowledged
    }

    private func path(_ entry: SandboxEntry) -> FilePath { daemon.host.namespaceDirectory.appending(entry.name) }

    private func ask(
        _ command: String, _ container: String?, subnet: String? = nil, keeping: [String]? = nil
    ) -> Outcome {
        do {
            let answer = try plugin.call(
                command, network: ledger.network, container: container, subnet: subnet, keeping: keeping)
            if answer.status == .exited(0) { return .acknowledged }
            guard let document = try? JSONParser.parse(Array(answer.output.utf8)) else {
                return .refused("\(command): \(answer.status): \(answer.output)")
            }
            // "Try again later": the daemon was not there, or went away.
            if document["code"]?.integer == 11 { return .unknown }
            return .refused(
                "\(command): \(document["msg"]?.string ?? answer.output): \(document["details"]?.string ?? "")")
        } catch {
            return .refused("\(command): \(error)")
        }
    }
}
