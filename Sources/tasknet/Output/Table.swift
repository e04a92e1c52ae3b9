// SPDX-License-Identifier: Apache-2.0

import ControlClient
import JSON

/// Rows in aligned columns, for people.
struct Table {
    struct Column {
        enum Alignment {
            case left, right
        }

        var title: String
        var alignment = Alignment.left
        /// The least that it has, in characters.
        var width = 0
    }

    /// Text, which may have come from anywhere: what could steer a terminal is escaped when it is shown.
    struct Cell: ExpressibleByStringLiteral {
        var text: String
        var style = Style.plain

        init(_ text: String, _ style: Style = .plain) {
            self.text = text
            self.style = style
        }

        init(stringLiteral value: String) { self.init(value) }
    }

    var columns: [Column]
    var rows: [[Cell]] = []

    /// Columns by their titles; one that begins with ">" is aligned to the right.
    init(_ titles: String...) { self.init(titles) }

    init(_ titles: [String]) {
        columns = titles.map {
            $0.hasPrefix(">") ? Column(title: String($0.dropFirst()), alignment: .right) : Column(title: $0)
        }
    }

    /// Adds a row; cells that are missing are empty.
    mutating func add(_ cells: Cell...) { rows.append(cells) }

    /// The titles and the rows, two spaces between columns, no spaces at the ends of lines, `indentation` before each.
    func lines(styled: Bool = false, indentation: Int = 0) -> [String] {
        let (texts, widths) = measured()
        let head = line(columns.map(\.title), styles: [], widths: widths, styled: false)
        let margin = String(repeating: " ", count: indentation)
        return ([head] + body(texts, widths, styled)).map { margin + $0 }
    }

    /// The rows so far, which are forgotten: those that come later stand under them.
    /// - Parameter withTitles: the titles before them.
    mutating func takeLines(withTitles: Bool, styled: Bool) -> [String] {
        let (texts, widths) = measured()
        let lines = withTitles ? self.lines(styled: styled) : body(texts, widths, styled)
        for (index, width) in widths.enumerated() { columns[index].width = width }
        rows = []
        return lines
    }

    private func measured() -> (texts: [[String]], widths: [Int]) {
        let texts = rows.map { row in columns.indices.map { Self.shown($0 < row.count ? row[$0].text : "") } }
        let widths = columns.indices.map { column in
            texts.reduce(max(columns[column].title.count, columns[column].width)) { max($0, $1[column].count) }
        }
        return (texts, widths)
    }

    private func body(_ texts: [[String]], _ widths: [Int], _ styled: Bool) -> [String] {
        zip(texts, rows).map { texts, row in
            line(texts, styles: row.map(\.style), widths: widths, styled: styled)
        }
    }

    private func line(_ texts: [String], styles: [Style], widths: [Int], styled: Bool) -> String {
        let last = texts.lastIndex { !$0.isEmpty } ?? 0
        var line = ""
        for (index, text) in texts.prefix(last + 1).enumerated() {
            let padding = String(repeating: " ", count: widths[index] - text.count)
            let painted = styled && index < styles.count ? styles[index].painted(text) : text
            switch columns[index].alignment {
            case .left: line += painted + (index == last ? "" : padding)
            case .right: line += padding + painted
            }
            if index < last { line += "  " }
        }
        return line
    }

    /// An empty cell would look like a shifted row.
    private static func shown(_ text: String) -> String {
        text.isEmpty ? "-" : EscapedText.of(text)
    }
}
