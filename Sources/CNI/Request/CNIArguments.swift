// SPDX-License-Identifier: Apache-2.0

/// `CNI_ARGS`: pairs of key and value, as in `IgnoreUnknown=1;K8S_POD_NAME=web`.
package struct CNIArguments: Hashable, Sendable {
    private struct Pair: Hashable {
        var key: String
        var value: String
    }

    private var pairs: [Pair] = []

    package static let none = CNIArguments()

    private init() {}

    /// - Throws: code 4 for a part that is no pair.
    package init(_ text: String) throws(CNIError) {
        for part in text.split(separator: ";") {
            let pair = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard pair.count == 2, !pair[0].isEmpty else {
                throw CNIError(
                    .invalidEnvironment, "invalid CNI_ARGS pair \"\(part)\"",
                    details: "pairs are KEY=VALUE, with semicolons between them")
            }
            pairs.append(Pair(key: String(pair[0]), value: String(pair[1])))
        }
    }

    /// The value of the last pair of that key.
    package subscript(_ key: String) -> String? { pairs.last { $0.key == key }?.value }

    /// `IgnoreUnknown`: keys that the plugin does not know do not matter.
    package var ignoresUnknown: Bool {
        ["1", "t", "T", "true", "TRUE", "True"].contains(self["IgnoreUnknown"] ?? "")
    }

    /// - Throws: code 4, naming the keys that are not among `known`, unless they do not matter.
    package func require(_ known: Set<String>) throws(CNIError) {
        if ignoresUnknown { return }
        let unknown = pairs.map(\.key).filter { !known.contains($0) && $0 != "IgnoreUnknown" }
        guard unknown.isEmpty else {
            throw CNIError(
                .invalidEnvironment, "unknown args in CNI_ARGS: \(unknown.joined(separator: ", "))",
                details: "known are \(known.sorted().joined(separator: ", ")); IgnoreUnknown=1 passes over others")
        }
    }
}
