// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import GRDB
import JSON
package import VPC

/// Which events a list holds; nil and empty mean any.
package struct EventFilter: Sendable, Equatable {
    package var taskIDs: [String]?
    package var kinds: [String]?
    package var since: Timestamp?

    package init(taskIDs: [String]? = nil, kinds: [String]? = nil, since: Timestamp? = nil) {
        self.taskIDs = taskIDs
        self.kinds = kinds
        self.since = since
    }
}

extension StoreTransaction {
    /// Adds an event, in the same transaction as what it tells of.
    /// - Returns: its number.
    @discardableResult
    package func append(_ event: EventRecord) throws -> Int64 {
        try database.cachedStatement(
            sql: """
                INSERT INTO events (time, kind, subject, task_id, from_status, to_status, cause)
                VALUES (?, ?, ?, ?, ?, ?, ?)
                """
        ).execute(arguments: [
            event.time.millisecondsSince1970, event.kind.rawValue, event.subject, event.taskID, event.from, event.to,
            event.cause.map { String($0.prefix(EventRecord.longestCause)) },
        ])
        let sequence = database.lastInsertedRowID
        done.lastEvent = sequence
        if sequence.isMultiple(of: Self.eventsPerTrim) { try trimEvents(to: maximumEvents) }
        return sequence
    }

    /// The list may be longer than its maximum by this many.
    static let eventsPerTrim: Int64 = 64

    /// Forgets the oldest events but for so many of the newest.
    private func trimEvents(to count: Int) throws {
        try execute(
            sql: "DELETE FROM events WHERE sequence <= ?", arguments: [try lastEventSequence() - Int64(count)])
    }

    /// Forgets the events before a time, up to the first that is not. They stand in the order in which they happened, so a
    /// clock that was set back makes some stay longer, and none go too early.
    package func deleteEvents(before time: Timestamp) throws {
        try execute(
            sql: """
                DELETE FROM events WHERE sequence < coalesce(
                    (SELECT sequence FROM events WHERE time >= ? ORDER BY sequence LIMIT 1), 9223372036854775807)
                """, arguments: [time.millisecondsSince1970])
    }

    package func oldestEvent() throws -> EventRecord? {
        try events(sql: "SELECT * FROM events ORDER BY sequence LIMIT 1", []).first
    }

    /// The number of the last event that was ever appended; zero before the first.
    package func lastEventSequence() throws -> Int64 {
        try Int64.fetchOne(database, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'events'") ?? 0
    }

    /// Those after a number, the oldest first.
    package func events(_ filter: EventFilter = EventFilter(), after sequence: Int64 = 0, limit: Int) throws
        -> [EventRecord]
    {
        try events(
            sql:
                "SELECT * FROM events WHERE sequence > :edge AND \(Self.eventCondition) ORDER BY sequence LIMIT :limit",
            filter.arguments(edge: sequence, limit: limit))
    }

    /// Those before a number, the newest first.
    package func newestEvents(_ filter: EventFilter = EventFilter(), before sequence: Int64 = .max, limit: Int) throws
        -> [EventRecord]
    {
        try events(
            sql: """
                SELECT * FROM events WHERE sequence < :edge AND \(Self.eventCondition)
                ORDER BY sequence DESC LIMIT :limit
                """, filter.arguments(edge: sequence, limit: limit))
    }

    private static let eventCondition = """
        (:tasks IS NULL OR task_id IN (SELECT value FROM json_each(:tasks)))
        AND (:kinds IS NULL OR kind IN (SELECT value FROM json_each(:kinds)))
        AND (:since IS NULL OR time >= :since)
        """

    private func events(sql: String, _ arguments: StatementArguments) throws -> [EventRecord] {
        try Row.fetchAll(database, sql: sql, arguments: arguments).map { row in
            var event = EventRecord(
                EventKind(rawValue: row["kind"]), subject: row["subject"], taskID: row["task_id"],
                from: row["from_status"], to: row["to_status"], cause: row["cause"],
                time: Timestamp(millisecondsSince1970: row["time"]))
            event.sequence = row["sequence"]
            return event
        }
    }
}

extension EventFilter {
    fileprivate func arguments(edge: Int64, limit: Int) -> StatementArguments {
        [
            "edge": edge, "limit": limit, "since": since?.millisecondsSince1970,
            "tasks": taskIDs.flatMap(Self.list), "kinds": kinds.flatMap(Self.list),
        ]
    }

    private static func list(_ texts: [String]) -> String? {
        texts.isEmpty ? nil : try? JSONEncoding.text(of: texts)
    }
}
