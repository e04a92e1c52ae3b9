// SPDX-License-Identifier: Apache-2.0
import Glibc

/// ADD by how many networks are there, a line for each subject.
struct LinePanel {
    private struct Line {
        let subject: String
        var points: [(level: Int, microseconds: Double)]
    }

    private let lines: [Line]

    init(_ figures: Figures) {
        let subjects = figures.all.filter {
            $0.key.measured == ExistingBenchmark.name
                && $0.key.parameter == ExistingBenchmark.parameter("ADD", at: 0)
                && !$0.key.subject.hasPrefix(ExistingBenchmark.reference)
        }.map(\.key.subject)
        lines = subjects.map { subject in
            Line(
                subject: subject,
                points: Self.levels(figures).compactMap { level in
                    let parameter = ExistingBenchmark.parameter("ADD", at: level)
                    return figures.median(ExistingBenchmark.name, subject, parameter).map { (level, $0) }
                })
        }
    }

    private static func levels(_ figures: Figures) -> [Int] {
        let numbers = figures.all.filter { $0.key.measured == ExistingBenchmark.name }.compactMap { figure in
            figure.key.parameter.split(separator: " ").compactMap { Int($0) }.first
        }
        return Set(numbers).sorted()
    }

    private static let left = 70.0
    private static let right = 290.0
    private static let height = 320.0

    func draw(on drawing: inout Drawing) {
        let points = lines.flatMap(\.points)
        guard let most = points.map(\.level).max(), most > 0 else { return }
        let top = drawing.height + 50
        let bottom = top + Self.height
        let scale = LogScale(points.map(\.microseconds), from: bottom, to: top)
        let last = drawing.width - Self.right
        // By the square root, so that few and many can both be told apart.
        func x(_ level: Int) -> Double {
            Self.left + (Double(level) / Double(most)).squareRoot() * (last - Self.left)
        }
        drawing.text("ADD of one network by how many are there, medians", x: 20, y: top - 24, size: 15)
        for tick in scale.ticks {
            let y = scale.place(tick)
            drawing.line([(Self.left, y), (last, y)], colour: .rule)
            drawing.text(label(microseconds: tick), x: Self.left - 8, y: y + 4, anchor: .end, size: 11)
        }
        for level in Set(points.map(\.level)).sorted() {
            drawing.line([(x(level), top), (x(level), bottom)], colour: .rule)
            drawing.text(String(level), x: x(level), y: bottom + 16, anchor: .middle, size: 11)
        }
        for line in lines { draw(line, scale, x, on: &drawing) }
        drawLabels(scale, last, on: &drawing)
        drawing.height = bottom + 40
    }

    private func draw(_ line: Line, _ scale: LogScale, _ x: (Int) -> Double, on drawing: inout Drawing) {
        let colour = Colour(subject: line.subject)
        let points = line.points.map { (x: x($0.level), y: scale.place($0.microseconds)) }
        drawing.line(points, colour: colour, width: 2)
        for point in points { drawing.dot(x: point.x, y: point.y, colour: colour) }
    }

    /// At the right, from above to below as the lines end, and none over another.
    private func drawLabels(_ scale: LogScale, _ last: Double, on drawing: inout Drawing) {
        var y = -Double.infinity
        let ends = lines.compactMap { line in line.points.last.map { (line.subject, $0) } }
        for (subject, point) in ends.sorted(by: { $0.1.microseconds > $1.1.microseconds }) {
            y = max(scale.place(point.microseconds) + 4, y + 15)
            drawing.text(
                "\(subject) (\(label(microseconds: point.microseconds)) at \(point.level))", x: last + 12, y: y,
                colour: Colour(subject: subject), size: 11)
        }
    }
}
