// SPDX-License-Identifier: Apache-2.0

import ECSAPI
import FoundationEssentials
import JSON
import VPC

/// Where the time went, for people: a line for each step, and what took most of it.
struct TraceView {
    let trace: TaskTrace
    /// Columns of the whole.
    let width: Int
    let hasBlocks: Bool

    private static let shownMost = 4
    private static let narrowestBar = 12
    /// However narrow the whole: further in, more of a step can be cut off.
    private static let narrowestStep = 44

    func lines(styled: Bool) -> [String] {
        var lines: [String] = []
        for path in trace.paths {
            if !lines.isEmpty { lines.append("") }
            lines += self.lines(of: path, styled)
        }
        return lines
    }

    private func lines(of path: TaskTrace.Path, _ styled: Bool) -> [String] {
        let steps = trace.steps.filter { $0.path == path.name }
        let whole = path.totalMicroseconds ?? steps.map(\.end).max() ?? 0
        let total = path.totalMicroseconds.map { "\(Self.milliseconds($0)) ms" } ?? "goes on"
        let title = "\(path.name) at \(Self.time(path.startedAt)): \(total)"
        var table = Table("STEP", ">AT MS", ">TOOK MS", "")
        let widest = steps.map { name(of: $0).count }.max() ?? 0
        // Two spaces between columns, and room for "12345.678" in two of them.
        let bar = TraceBar(
            width: max(Self.narrowestBar, width - max(widest, 4) - 26), whole: whole, hasBlocks: hasBlocks)
        table.rows = steps.map { row($0, bar) }
        let most = TraceSummary(steps: steps, whole: whole).lines(most: Self.shownMost)
        return [title] + table.lines(styled: styled) + most
    }

    private func row(_ step: TaskTrace.Step, _ bar: TraceBar) -> [Table.Cell] {
        let duration = step.durationMicroseconds ?? max(0, bar.whole - step.offsetMicroseconds)
        let isTop = step.depth == 0
        return [
            Table.Cell(name(of: step), isTop ? .bold : .plain), Table.Cell(Self.milliseconds(step.offsetMicroseconds)),
            Table.Cell(step.durationMicroseconds.map(Self.milliseconds) ?? "goes on"),
            Table.Cell(bar.text(offset: step.offsetMicroseconds, duration: duration), isTop ? .good : .dim),
        ]
    }

    /// "  intent", "      host route 10.64.1.4/32 on tn-0123456789ab"
    private func name(of step: TaskTrace.Step) -> String {
        let margin = String(repeating: "  ", count: min(step.depth, 8))
        let kind = step.name.split(separator: ".").last.map(String.init) ?? step.name
        var text = step.name
        if let detail = step.detail {
            // A requirement's own words mostly begin with what it is: "default route via 10.64.1.1".
            let words = detail.split(separator: " ").prefix(2)
            let isHosts = step.name.hasPrefix("host.") && words.first != "host"
            text = words.contains { $0 == kind } ? (isHosts ? "host " : "") + detail : "\(step.name) \(detail)"
        }
        let shown = margin + EscapedText.of(text)
        let most = max(Self.narrowestStep, width / 2)
        return shown.count > most ? shown.prefix(most - 3) + "..." : shown
    }

    /// "12.345"
    static func milliseconds(_ microseconds: Int) -> String {
        let digits = String(microseconds % 1000)
        return "\(microseconds / 1000).\(String(repeating: "0", count: 3 - digits.count))\(digits)"
    }

    private static func time(_ time: Timestamp) -> String {
        time.date.formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
    }
}

extension TaskTrace.Step {
    fileprivate var end: Int { offsetMicroseconds + (durationMicroseconds ?? 0) }
}
