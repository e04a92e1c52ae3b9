// SPDX-License-Identifier: Apache-2.0

/// `CNI_ARGS`: pairs of key and value, as in `IgnoreUnknown=1;K8S_POD_NAME=web`.
package struct CNIArguments: Hashable, Sendable {
    package var pairs: [(key: String, value: String)] { texts.map { ($0[0], $0[1]) } }
    private var texts: [[String]]

    package static let none = CNIArguments(texts: [])

    private init(texts: [[String]]) { self.texts = texts }

    /// - Throws: code 4 for a part that is no pair.
    package init(_ text: String) throws(CNIError) {
        texts = []
        for part in text.split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, !pair[0].isEmpty else {
                throw CNIError(
                    .invalidEnvironment, "invalid CNI_ARGS pair \"\(part)\"",
                    details: "pairs are KEY=VALUE, with semicolons between them")
            }
            texts.append(pair.map(String.init))
        }
    }

    /// The value of the last pair of that key.
    package subscript(_ key: String) -> String? { texts.last { $0[0] == key }?[1] }

    /// `IgnoreUnknown`: keys that the plugin does not know do not matter.
    package var ignoresUnknown: Bool {
        ["1", "t", "T", "true", "TRUE", "True"].contains(self["IgnoreUnknown"] ?? "")
    }

    /// - Throws: code 4, naming the keys that are not among `known`, unless they do not matter.
    package func require(_ known: Set<String>) throws(CNIError) {
        if ignoresUnknown { return }
        let unknown = texts.map { $0[0] }.filter { !known.contains($0) && $0 != "IgnoreUnknown" }
        guard unknown.isEmpty else {
            throw CNIError(
                .invalidEnvironment, "unknown args in CNI_ARGS: \(unknown.joined(separator: ", "))",
                details: "known are \(known.sorted().joined(separator: ", ")); IgnoreUnknown=1 passes over others")
        }
    }
}
