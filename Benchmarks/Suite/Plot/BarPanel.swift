// SPDX-License-Identifier: Apache-2.0

/// ADD and DEL of all subjects, one network at a time.
struct BarPanel {
    private let rows: [(subject: String, add: Double, delete: Double)]

    init(_ figures: Figures) {
        let name = LatencyBenchmark.name
        rows = figures.all.compactMap { figure in
            guard figure.key.measured == name, figure.key.parameter == "ADD",
                let delete = figures.median(name, figure.key.subject, "DEL")
            else { return nil }
            return (figure.key.subject, figure.median, delete)
        }
    }

    private static let left = 250.0
    private static let rowHeight = 30.0

    func draw(on drawing: inout Drawing) {
        guard !rows.isEmpty else { return }
        let top = drawing.height + 50
        let bottom = top + Double(rows.count) * Self.rowHeight
        let scale = LogScale(
            rows.flatMap { [$0.add, $0.delete] }, from: Self.left, to: drawing.width - 80)
        drawing.text(
            "One network at a time: ADD (upper bar) and DEL (lower, paler bar), medians", x: 20, y: top - 28, size: 15)
        for tick in scale.ticks {
            let x = scale.place(tick)
            drawing.line([(x, top), (x, bottom)], colour: .rule)
            drawing.text(label(microseconds: tick), x: x, y: top - 6, anchor: .middle, size: 11)
        }
        for (place, row) in rows.enumerated() {
            let y = top + Double(place) * Self.rowHeight + 4
            let colour = Colour(subject: row.subject)
            drawing.text(row.subject, x: Self.left - 10, y: y + 14, anchor: .end, colour: colour)
            for (offset, value, opacity) in [(0.0, row.add, 1.0), (11.0, row.delete, 0.55)] {
                let end = scale.place(value)
                drawing.bar(
                    x: Self.left, y: y + offset, width: end - Self.left, height: 10, colour: colour, opacity: opacity)
                drawing.text(label(microseconds: value), x: end + 5, y: y + offset + 9, size: 10)
            }
        }
        drawing.height = bottom + 20
    }
}
