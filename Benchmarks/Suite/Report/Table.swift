// SPDX-License-Identifier: Apache-2.0

/// The report for people, a block for each thing that was measured.
struct Table {
    let report: Report

    var text: String {
        var lines: [String] = []
        var measured: [String] = []
        for row in report.rows where !measured.contains(row.key.measured) { measured.append(row.key.measured) }
        for name in measured { lines += block(name, report.rows.filter { $0.key.measured == name }) }
        for remark in report.remarks { lines.append("not measured: \(remark)") }
        return lines.joined(separator: "\n")
    }

    private func block(_ name: String, _ rows: [Report.Row]) -> [String] {
        var cells = [["subject", "", "n", "median", "p95", "unit", "ratio", "to"]]
        // Beside each other stands what is compared.
        let isByItself = rows.contains { $0.base?.subject == $0.key.subject }
        func group(_ row: Report.Row) -> String { isByItself ? row.key.subject : row.key.parameter }
        var groups: [String] = []
        for row in rows where !groups.contains(group(row)) { groups.append(group(row)) }
        for name in groups { cells += rows.filter { group($0) == name }.map(self.cells) }
        let widths = cells[0].indices.map { column in cells.map { $0[column].count }.max() ?? 0 }
        return ["", "--- \(name)"]
            + cells.map { line in
                let padded = zip(line, widths).enumerated().map { column, cell in
                    let padding = String(repeating: " ", count: cell.1 - cell.0.count)
                    return [2, 3, 4, 6].contains(column) ? padding + cell.0 : cell.0 + padding
                }
                let text = "    " + padded.joined(separator: "  ")
                return String(text.reversed().drop { $0 == " " }.reversed())
            }
    }

    private func cells(_ row: Report.Row) -> [String] {
        let ratio = report.ratio(row)
        return [
            row.key.subject, row.key.parameter, String(row.values.count), number(row.values.median),
            row.values.count > 1 ? number(row.values.quantile(0.95)) : "", row.unit,
            ratio.map { fixed($0, digits: 2) } ?? "", ratio == nil ? "" : baseName(row),
        ]
    }

    private func baseName(_ row: Report.Row) -> String {
        guard let base = row.base else { return "" }
        if base.parameter == row.key.parameter { return base.subject }
        return base.subject == row.key.subject ? base.parameter : "\(base.subject) \(base.parameter)"
    }

    /// Three digits that count.
    private func number(_ value: Double) -> String {
        fixed(value, digits: value.magnitude >= 100 ? 0 : value.magnitude >= 10 ? 1 : 2)
    }
}

/// "1.25"
func fixed(_ value: Double, digits: Int) -> String {
    guard value.isFinite, value.magnitude < 1e15 else { return "-" }
    let power = (0..<digits).reduce(1) { number, _ in number * 10 }
    let scaled = Int64((value.magnitude * Double(power)).rounded())
    var text = (value < 0 && scaled > 0 ? "-" : "") + String(scaled / Int64(power))
    if digits > 0 {
        let rest = String(scaled % Int64(power))
        text += "." + String(repeating: "0", count: digits - rest.count) + rest
    }
    return text
}
