// SPDX-License-Identifier: Apache-2.0

/// A step's place in the whole, drawn in characters.
struct TraceBar {
    /// In characters, of the whole.
    var width: Int
    /// Microseconds.
    var whole: Int
    /// Whether eighths of a character can be shown.
    var hasBlocks: Bool

    /// What begins at `offset` and lasts for `duration`. However short, it can be seen.
    func text(offset: Int, duration: Int) -> String {
        let eighths = width * 8
        let begin = min(scaled(offset, to: eighths), eighths - 1)
        let end = min(max(scaled(offset + duration, to: eighths), begin + 1), eighths)
        let first = begin / 8
        let margin = String(repeating: " ", count: first)
        guard hasBlocks else { return margin + String(repeating: "#", count: max(1, (end + 4) / 8 - first)) }
        // Characters are filled from the left: a beginning inside of one is shown at its edge.
        let length = max(1, end - first * 8)
        let rest = length % 8
        return margin + String(repeating: "█", count: length / 8) + (rest == 0 ? "" : Self.blocks[rest - 1])
    }

    private func scaled(_ value: Int, to eighths: Int) -> Int {
        whole > 0 ? Int((Double(max(0, value)) / Double(whole) * Double(eighths)).rounded()) : 0
    }

    private static let blocks = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
}
