// SPDX-License-Identifier: Apache-2.0

import ControlClient
import ECSAPI
import ECSClient
import JSON

/// Has the daemon put right what differs, and tells what it did.
struct Repair {
    let state: ReconciliationDescription

    init(by client: ControlClient) throws(ControlError) {
        var client = client
        // Each network takes milliseconds, and there may be thousands.
        client.timeout = .seconds(120)
        state = try client.call(TaskNetworkAPI.Reconcile.self, .init())
    }

    /// Whether everything is as it ought to be now.
    var isComplete: Bool { state.failures.isEmpty }

    var lines: [String] {
        let run = state.lastRun
        var lines: [String] = []
        for repair in run?.repaired ?? [] {
            lines.append("repaired \(EscapedText.of(repair.owner.name)):")
            lines += repair.found.map { "  " + EscapedText.of($0) }
        }
        lines += (run?.removed ?? []).map { "removed \(EscapedText.of($0))" }
        lines += (run?.told ?? []).map { "left alone: \(EscapedText.of($0))" }
        for failure in state.failures {
            lines.append("not repaired: \(EscapedText.of(failure.owner.name)): \(EscapedText.of(failure.error))")
            lines += failure.found.map { "  " + EscapedText.of($0) }
        }
        let count = run?.networkCount ?? 0
        lines.append("\(count) network\(count == 1 ? "" : "s") compared with the kernel.")
        return lines
    }
}
