// SPDX-License-Identifier: Apache-2.0

/// Finds what somebody meant.
enum Spelling {
    /// A key without what people vary: capitals, underscores, hyphens.
    static func folded(_ key: String) -> String {
        key.lowercased().filter { $0 != "_" && $0 != "-" }
    }

    /// The candidate closest to `word`, if one is close enough to be worth asking about.
    static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let word = Array(folded(word).prefix(64).unicodeScalars)
        let allowed = max(1, word.count / 4)
        let ranked = candidates.map { ($0, distance(word, Array(folded($0).unicodeScalars))) }
        return ranked.filter { $0.1 <= allowed }.min { ($0.1, $0.0) < ($1.1, $1.0) }?.0
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
    private static func distance(_ left: [Unicode.Scalar], _ right: [Unicode.Scalar]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for (row, scalar) in left.enumerated() {
            var current = [row + 1]
            for (column, other) in right.enumerated() {
                var best = min(last[column + 1] + 1, current[column] + 1, last[column] + (scalar == other ? 0 : 1))
                if row > 0, column > 0, scalar == right[column - 1], left[row - 1] == other {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
