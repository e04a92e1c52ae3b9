// SPDX-License-Identifier: Apache-2.0

import ECSAPI
import FoundationEssentials
import JSON
import VPC

/// Puts events out, as one table however they come.
struct EventPrinter {
    let isJSON: Bool
    let styled: Bool
    private var table = Table("TIME", "KIND", "SUBJECT", "CHANGE", "CAUSE")
    private var hasTitles = false

    init(isJSON: Bool, styled: Bool) {
        self.isJSON = isJSON
        self.styled = styled
    }

    mutating func show(_ events: some Sequence<Event>) throws {
        var lines: [String] = []
        if isJSON {
            lines = try events.map { try JSONNode(encoding: $0).compactText }
        } else {
            for event in events {
                table.rows.append([
                    Table.Cell(Self.time(event.time)), Table.Cell(event.kind.rawValue),
                    Table.Cell(Self.subject(of: event)), Table.Cell(Self.change(of: event), event.style),
                    Table.Cell(event.cause ?? ""),
                ])
            }
            guard !table.rows.isEmpty else { return }
            lines = table.takeLines(withTitles: !hasTitles, styled: styled)
            hasTitles = true
        }
        try Output.write(lines.map { $0 + "\n" }.joined())
    }

    /// A list of nothing has its titles.
    mutating func finish() throws {
        guard !isJSON, !hasTitles else { return }
        try Output.write(table.takeLines(withTitles: true, styled: styled).map { $0 + "\n" }.joined())
    }

    private static func time(_ time: Timestamp) -> String {
        time.date.formatted(
            .iso8601.year().month().day().time(includingFractionalSeconds: true).timeZone(separator: .omitted))
    }

    /// "1a2b3c4d5e6f", "1a2b3c4d5e6f/app"
    static func subject(of event: Event) -> String {
        guard let arn = event.taskArn else { return event.subject }
        let task = TaskIndex.id(of: arn)
        let short = String(task.prefix(12))
        return event.subject == task ? short : "\(short)/\(event.subject)"
    }

    /// "PENDING -> RUNNING"
    static func change(of event: Event) -> String {
        switch (event.fromStatus, event.toStatus) {
        case (let from?, let to?): "\(from) -> \(to)"
        case (nil, let to?): to
        case (let from?, nil): "\(from) ->"
        case (nil, nil): ""
        }
    }
}

extension Event {
    fileprivate var style: Style {
        switch toStatus {
        case "RUNNING", "ATTACHED", "REPAIRED": .good
        case "FAILED": .bad
        case "STOPPED", "DETACHED", "DELETED": .dim
        default: .plain
        }
    }
}
