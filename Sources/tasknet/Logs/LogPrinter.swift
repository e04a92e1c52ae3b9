// SPDX-License-Identifier: Apache-2.0

import JSON

/// Puts log entries of one or several containers on standard output and standard error.
struct LogPrinter {
    enum Form: Equatable {
        case text(timestamps: Bool)
        /// One object a line: `container`, `stream`, `time`, `log`.
        case json
    }

    let form: Form
    /// Names before the lines, as wide as the widest; none for a single container.
    private let prefixes: [String: String]
    /// Containers whose last entry did not end its line.
    private var unfinished: Set<String> = []

    init(form: Form, containers: [String], styled: Bool) {
        self.form = form
        let width = containers.map(\.count).max() ?? 0
        prefixes =
            containers.count < 2
            ? [:]
            : Dictionary(
                containers.map { name in
                    let text = name + String(repeating: " ", count: width - name.count) + " | "
                    return (name, styled ? Style.dim.painted(text) : text)
                }, uniquingKeysWith: { first, _ in first })
    }

    /// The text of an entry, and whether it goes to standard error.
    mutating func text(of line: LogLine, container: String) -> (text: String, isError: Bool) {
        guard case .text(let timestamps) = form else {
            let object: JSONNode = [
                "container": .string(container), "stream": line.isError ? "stderr" : "stdout",
                "time": .string(line.timestamp), "log": .string(line.text),
            ]
            return (object.compactText + "\n", false)
        }
        let prefix = (prefixes[container] ?? "") + (timestamps ? line.timestamp + " " : "")
        var text = unfinished.contains(container) ? line.text : prefix + line.text
        if line.text.hasSuffix("\n") {
            unfinished.remove(container)
        } else if prefixes.isEmpty {
            // A long line in pieces: the next entry goes on where this one ends.
            unfinished.insert(container)
        } else {
            // Another container's entry may come in between.
            text += "\n"
        }
        return (text, line.isError)
    }
}
