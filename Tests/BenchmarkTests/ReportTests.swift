// SPDX-License-Identifier: Apache-2.0
import JSON
import Testing

@testable import tasknet_bench

@Suite("Figures of the benchmarks")
struct ReportTests {
    private static let floor = Report.Key(measured: "latency", subject: "floor, cold", parameter: "ADD")
    private static let ours = Report.Key(measured: "latency", subject: "tasknet", parameter: "ADD")

    private static var report: Report {
        var report = Report()
        for value in [4.0, 1, 3, 2, 100] { report.add(value, ours, unit: "µs", over: floor) }
        for value in [1.0, 2, 1.5] { report.add(value, floor, unit: "µs") }
        report.remark("said once")
        report.remark("said once")
        return report
    }

    @Test("a median and a p95 are values that were seen")
    func quantiles() {
        #expect([4.0, 1, 3, 2, 100].median == 3)
        #expect([7.0].quantile(0.95) == 7)
        #expect((1...100).map(Double.init).quantile(0.95) == 96)
        #expect([Double]().median == 0)
    }

    @Test("numbers are written without an exponent and without losing a zero")
    func numbers() {
        #expect(fixed(1.25, digits: 2) == "1.25")
        #expect(fixed(0.05, digits: 2) == "0.05")
        #expect(fixed(-3.999, digits: 1) == "-4.0")
        #expect(fixed(-0.01, digits: 1) == "0.0")
        #expect(fixed(12345.6, digits: 0) == "12346")
        #expect(fixed(.infinity, digits: 2) == "-")
    }

    @Test("a ratio is of medians, and only where there is a base")
    func ratios() throws {
        let report = Self.report
        #expect(try report.ratio(#require(report[Self.ours])) == 2)
        #expect(try report.ratio(#require(report[Self.floor])) == nil)
        #expect(report.remarks == ["said once"])
    }

    @Test("what is written as JSON is read again")
    func json() throws {
        let document = Self.report.json(commit: "abc")
        let text = document.indentedText
        #expect(try JSONParser.parse(Array(text.utf8)) == document)
        let figures = try Figures(parsing: Array(text.utf8))
        #expect(figures.all.map(\.key) == [Self.ours, Self.floor])
        #expect(figures.median("latency", "tasknet", "ADD") == 3)
        #expect(figures["latency", "tasknet", "ADD"]?.p95 == 100)
        #expect(figures.median("latency", "tasknet", "DEL") == nil)
        #expect(throws: (any Error).self) { try Figures(parsing: Array("{}".utf8)) }
    }

    @Test("the table has what is compared beside each other")
    func table() {
        let lines = Table(report: Self.report).text.split(separator: "\n").map(String.init)
        #expect(lines.first == "--- latency")
        #expect(lines.contains { $0.hasSuffix("2.00  floor, cold") })
        #expect(lines.last == "not measured: said once")
    }
}

@Suite("Goals of the benchmarks")
struct GoalTests {
    private static let goal = Goal("something", .atMost(1.5)) { $0.median("latency", "tasknet", "ADD") }

    private static func figures(_ value: Double) -> Figures {
        var report = Report()
        report.add(value, .init(measured: "latency", subject: "tasknet", parameter: "ADD"), unit: "µs")
        return Figures(report)
    }

    @Test("is reached, missed, or not measured")
    func verdicts() {
        #expect(Self.goal.line(Self.figures(1.5)).hasPrefix("reached "))
        #expect(Self.goal.line(Self.figures(1.51)).hasPrefix("MISSED "))
        #expect(Self.goal.line(Figures(Report())).hasPrefix("not measured "))
    }

    @Test("each can be asked of a run that measured nothing")
    func empty() {
        let figures = Figures(Report())
        #expect(Goals.all.allSatisfy { $0.measured(figures) == nil })
    }
}

@Suite("The plot of the benchmarks")
struct PlotTests {
    @Test("a logarithmic scale reaches from one power of ten to another")
    func scale() {
        let scale = LogScale([30, 4000], from: 0, to: 300)
        #expect(scale.ticks == [10, 100, 1000, 10000])
        #expect(scale.place(10) == 0)
        #expect(scale.place(10000) == 300)
        #expect(abs(scale.place(100) - 100) < 0.001)
    }

    @Test("texts are escaped")
    func escaping() {
        var drawing = Drawing(width: 100)
        drawing.text("a < b & c", x: 0, y: 0)
        #expect(drawing.svg.contains("a &lt; b &amp; c"))
    }
}
