// SPDX-License-Identifier: Apache-2.0

import JSON

/// Something to say about a place in a task definition.
struct DocumentNote: Equatable, Sendable {
    enum Kind: Sendable {
        case capitals, type, place, unknown, duplicate, readOnly, size, ports, refusal
    }

    var kind: Kind
    /// `containerDefinitions[0].environment[2].value`; empty for the document as a whole.
    var path: String
    var position: TextPosition?
    var message: String

    /// `web.json:7:12: warning: containerDefinitions[0].cpu: the number 256 …`, which editors can jump to.
    func text(file: String, severity: String) -> String {
        let place = position.map { ":\($0.line):\($0.column)" } ?? ""
        return "\(file)\(place): \(severity): \(path.isEmpty ? "" : path + ": ")\(message)"
    }
}

extension [DocumentNote] {
    /// As they stand in the file; those without a place last.
    var inOrder: [DocumentNote] {
        let last = TextPosition(line: .max, column: 0)
        // The sort is stable: notes on one place keep their order.
        return sorted { ($0.position ?? last) < ($1.position ?? last) }
    }

    /// One line each, but of very many keys in other capitals (a CloudFormation template's) only the first few.
    func warningLines(file: String, shownCapitals: Int = 3) -> [String] {
        let capitals = filter { $0.kind == .capitals }.count
        let hidden = capitals > shownCapitals + 2 ? capitals - shownCapitals : 0
        var lines: [String] = []
        var seen = 0
        for note in self {
            if note.kind == .capitals, hidden > 0 {
                seen += 1
                if seen == shownCapitals + 1 {
                    lines.append("\(file): warning: \(hidden) more keys are spelled in other ways, all clear")
                }
                if seen > shownCapitals { continue }
            }
            lines.append(note.text(file: file, severity: "warning"))
        }
        return lines
    }
}

/// Why a file cannot be used as the document that it should be.
enum DocumentError: Error, Equatable, Sendable {
    /// - Parameter others: who takes how much, for comparison.
    case tooLarge(limit: Int, others: String? = nil)
    case notJSON(JSONError)
    /// What cannot be taken as it is written, at least one.
    case refused([DocumentNote])

    /// One fault a line (a JSON error shows the line of the file too).
    func lines(file: String) -> [String] {
        switch self {
        case .tooLarge(let limit, let others):
            ["\(file): error: larger than \(limit >> 20) MiB" + (others.map { "; \($0)" } ?? "")]
        case .notJSON(let error):
            [
                "\(file):\(error.position.line):\(error.position.column): error: \(error.message)"
                    + (error.excerpt.map { "\n\($0)" } ?? "")
            ]
        case .refused(let notes):
            notes.map { $0.text(file: file, severity: "error") }
        }
    }
}
