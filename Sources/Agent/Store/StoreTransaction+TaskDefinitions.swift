// SPDX-License-Identifier: Apache-2.0
import GRDB
package import TaskDefinitions

extension StoreTransaction {
    /// Stores a definition as its family's next revision.
    /// - Parameter make: the record under the number that it gets.
    package func insertTaskDefinition(
        family: String, _ make: (_ revision: Int) throws -> TaskDefinitionRecord
    ) throws -> TaskDefinitionRecord {
        let last = try Int.fetchOne(
            database, sql: "SELECT max(revision) FROM task_definitions WHERE family = ?", arguments: [family])
        let record = try make((last ?? 0) + 1)
        try execute(
            sql: "INSERT INTO task_definitions (family, revision, record) VALUES (?, ?, ?)",
            arguments: [record.family, record.revision, try encode(record)])
        return record
    }

    package func update(_ record: TaskDefinitionRecord) throws {
        try execute(
            sql: "UPDATE task_definitions SET record = ? WHERE family = ? AND revision = ?",
            arguments: [try encode(record), record.family, record.revision])
    }

    package func taskDefinition(family: String, revision: Int) throws -> TaskDefinitionRecord? {
        try one(
            TaskDefinitionRecord.self, "SELECT record FROM task_definitions WHERE family = ? AND revision = ?",
            [family, revision])
    }

    /// The newest revision that can be run.
    package func latestActiveTaskDefinition(family: String) throws -> TaskDefinitionRecord? {
        try one(
            TaskDefinitionRecord.self,
            """
            SELECT record FROM task_definitions WHERE family = ? AND status = 'ACTIVE' ORDER BY revision DESC LIMIT 1
            """, [family])
    }

    /// One page of revisions, by family and number.
    package func taskDefinitions(
        family: String?, status: TaskDefinitionStatus, descending: Bool, limit: Int, after token: String?
    ) throws -> Page<TaskDefinitionRecord> {
        let order = descending ? "DESC" : "ASC"
        let cursor = try token.map { try PageToken(text: $0, fields: 2) }
        guard cursor.map({ Int($0.fields[1]) != nil }) ?? true else { throw StoreError.invalidToken }
        let records = try all(
            TaskDefinitionRecord.self,
            """
            SELECT record FROM task_definitions
            WHERE status = :status AND (:family IS NULL OR family = :family)
                AND (:lastFamily IS NULL OR (family, revision) \(descending ? "<" : ">") (:lastFamily, :lastRevision))
            ORDER BY family \(order), revision \(order) LIMIT :limit
            """,
            [
                "status": status.rawValue, "family": family, "lastFamily": cursor?.fields[0],
                "lastRevision": cursor.flatMap { Int($0.fields[1]) }, "limit": limit + 1,
            ])
        return Page(records, limit: limit) { PageToken(fields: [$0.family, String($0.revision)]) }
    }
}
