// SPDX-License-Identifier: Apache-2.0

import ControlClient
import ECSAPI
import ECSClient
import JSON
import VPC

/// Whether the kernel has what the daemon wants it to have, as the daemon's last look says.
enum ReconciliationChecks {
    /// - Returns: nil from an older daemon, which does not know the operation.
    static func ask(_ client: ControlClient) throws(ControlError) -> ReconciliationDescription? {
        do {
            return try client.call(TaskNetworkAPI.DescribeReconciliation.self, .init())
        } catch {
            if case .refused(_, let refusal) = error, refusal.type == "UnknownOperationException" { return nil }
            throw error
        }
    }

    static func findings(_ state: ReconciliationDescription, now: Timestamp) -> [Finding] {
        var findings = state.failures.map { finding($0, now: now) }
        if let run = state.lastRun {
            let count = run.networkCount
            var text = "\(count) network\(count == 1 ? " was" : "s were") compared with the kernel "
            text += "\(ECSTask.age(run.startedAt, now: now)), in \(run.durationMs) ms"
            for (what, counts) in [("repaired", state.repairs), ("removed", state.removals)] where !counts.isEmpty {
                text += "; \(what) since tasknetd's start: " + list(counts)
            }
            findings.append(Finding(DaemonChecks.area, .ok, text))
            findings += run.told.map { Finding(DaemonChecks.area, .note, EscapedText.of($0)) }
        } else {
            findings.append(
                Finding(
                    DaemonChecks.area, .note, "the kernel has not been compared with what ought to be yet",
                    mend: "tasknet doctor --repair does it now"))
        }
        return findings
    }

    private static func finding(_ failure: ReconciliationDescription.Failure, now: Timestamp) -> Finding {
        let name = EscapedText.of(failure.owner.name)
        let isTask = failure.owner.taskId != nil
        let subject = isTask ? "\(name) has not the network that it ought to have" : "\(name): not as it ought to be"
        var text = "\(subject), noticed \(ECSTask.age(failure.since, now: now)), tried \(times(failure.attempts))"
        text += ": " + EscapedText.of(failure.error)
        if let first = failure.found.first {
            let more = failure.found.count > 1 ? ", and \(failure.found.count - 1) more" : ""
            text += " (found: \(EscapedText.of(first))\(more))"
        }
        let end = isTask ? ", or stop the task" : ""
        return Finding(
            DaemonChecks.area, .problem, text,
            mend: "take away what is in the way; tasknet doctor --repair tries again at once\(end)")
    }

    private static func times(_ count: Int) -> String { count == 1 ? "once" : "\(count) times" }

    private static func list(_ counts: [String: Int]) -> String {
        counts.sorted { $0.key < $1.key }.map { "\(EscapedText.of($0.key)) \($0.value)" }.joined(separator: ", ")
    }
}
