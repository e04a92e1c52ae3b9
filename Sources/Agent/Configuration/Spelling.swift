// SPDX-License-Identifier: Apache-2.0

/// Guesses what a misspelt word was meant to be.
enum Spelling {
    /// - Parameter candidates: paths like the word, or words; only the last component of each is compared.
    /// - Returns: the nearest candidate, nil where none is near enough to be meant.
    static func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
        let folded = fold(word)
        let near = candidates.map { candidate in
            let other = fold(candidate)
            // A word cut short, or one with something behind it, is nearer than one with other letters.
            let isBeginning = folded.count > 2 && (other.starts(with: folded) || folded.starts(with: other))
            return (candidate: candidate, distance: isBeginning ? 1 : distance(folded, other))
        }.min { $0.distance < $1.distance }
        guard let near, near.distance <= max(2, folded.count / 3) else { return nil }
        return near.candidate
    }

    /// `reserved_ports`, `reserved-ports` and `reservedPorts` are one word.
    private static func fold(_ word: String) -> [Character] {
        (word.split(separator: ".").last ?? "").lowercased().filter { $0 != "_" && $0 != "-" }
    }

    /// Levenshtein's.
    private static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var row = Array(0...right.count)
        for (index, character) in left.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for column in 0..<right.count {
                let substituted = diagonal + (right[column] == character ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(substituted, row[column] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
