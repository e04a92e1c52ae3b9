// SPDX-License-Identifier: Apache-2.0

/// Something that is to be reached, and how it follows from the figures.
struct Goal: Sendable {
    enum Limit: Sendable {
        case atMost(Double)
        case atLeast(Double)
    }

    let text: String
    let limit: Limit
    let unit: String
    /// Nil where something that it needs was not measured.
    let measured: @Sendable (Figures) -> Double?

    init(_ text: String, _ limit: Limit, _ unit: String = "x", _ measured: @escaping @Sendable (Figures) -> Double?) {
        self.text = text
        self.limit = limit
        self.unit = unit
        self.measured = measured
    }

    /// "reached   1.32 x (at most 1.5)   ..."
    func line(_ figures: Figures) -> String {
        let (word, bound) =
            switch limit {
            case .atMost(let bound): ("at most", bound)
            case .atLeast(let bound): ("at least", bound)
            }
        guard let value = measured(figures) else { return "not measured" + column("", "", word, bound) }
        let isReached =
            switch limit {
            case .atMost: value <= bound
            case .atLeast: value >= bound
            }
        return (isReached ? "reached     " : "MISSED      ") + column(Self.text(value), unit, word, bound)
    }

    private func column(_ value: String, _ unit: String, _ word: String, _ bound: Double) -> String {
        let figure = "\(value) \(unit)"
        let limit = "(\(word) \(Self.text(bound)))"
        return String(repeating: " ", count: max(0, 14 - figure.count)) + figure + "  " + limit
            + String(repeating: " ", count: max(0, 18 - limit.count)) + "  " + text
    }

    private static func text(_ value: Double) -> String {
        fixed(value, digits: value == value.rounded() || value >= 100 ? 0 : 2)
    }
}
