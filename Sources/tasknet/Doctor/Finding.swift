// SPDX-License-Identifier: Apache-2.0

import JSON

/// What a check of the host has to say.
struct Finding: Equatable, Sendable {
    enum Verdict: String, Sendable {
        case ok
        /// Works, but something is not to be had, or worth knowing.
        case note
        /// Something will not work.
        case problem
        /// Could not be looked at.
        case unknown
    }

    /// The heading that it stands under: "kernel".
    var area: String
    var verdict: Verdict
    /// What was looked at and what was seen.
    var text: String
    /// What to do, where there is something to do.
    var mend: String?

    init(_ area: String, _ verdict: Verdict, _ text: String, mend: String? = nil) {
        self.area = area
        self.verdict = verdict
        self.text = text
        self.mend = mend
    }
}

extension [Finding] {
    /// Whether the host is fit: what could not be looked at does not count against it.
    var isHealthy: Bool { !contains { $0.verdict == .problem } }

    /// The findings under their headings.
    func lines(styled: Bool) -> [String] {
        var lines: [String] = []
        var area = ""
        for finding in self {
            if finding.area != area {
                area = finding.area
                lines.append(styled ? Style.bold.painted(area) : area)
            }
            let verdict = finding.verdict.rawValue
            let padding = String(repeating: " ", count: 9 - verdict.count)
            lines.append("  \(styled ? finding.verdict.style.painted(verdict) : verdict)\(padding)\(finding.text)")
            if let mend = finding.mend { lines.append(String(repeating: " ", count: 11) + "-> " + mend) }
        }
        return lines
    }

    var json: JSONNode {
        let findings = map { finding in
            var members = [
                JSONMember("area", .string(finding.area)), JSONMember("verdict", .string(finding.verdict.rawValue)),
                JSONMember("text", .string(finding.text)),
            ]
            if let mend = finding.mend { members.append(JSONMember("mend", .string(mend))) }
            return JSONNode.object(members)
        }
        return ["healthy": JSONNode(.boolean(isHealthy)), "findings": .array(findings)]
    }
}

extension Finding.Verdict {
    fileprivate var style: Style {
        switch self {
        case .ok: .good
        case .note, .unknown: .caution
        case .problem: .bad
        }
    }
}
