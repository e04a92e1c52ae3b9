// SPDX-License-Identifier: Apache-2.0
import GRDB
import VPC

extension StoreSchema {
    /// Stopped tasks in whose place others are to run.
    static let restarts = [
        """
        CREATE TABLE restarts (
            task_id TEXT PRIMARY KEY NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
            due INTEGER NOT NULL,
            attempt INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID
        """
    ]
}

extension StoreTransaction {
    /// Notes that another task is to run in the place of one that has stopped, or another time for it.
    package func set(_ restart: PendingRestart) throws {
        try execute(
            sql: """
                INSERT INTO restarts VALUES (?, ?, ?)
                ON CONFLICT (task_id) DO UPDATE SET due = excluded.due, attempt = excluded.attempt
                """, arguments: [restart.taskID, restart.due.millisecondsSince1970, restart.attempt])
    }

    /// The first that is due comes first.
    package func pendingRestarts() throws -> [PendingRestart] {
        try Row.fetchAll(database, sql: "SELECT task_id, due, attempt FROM restarts ORDER BY due, task_id").map { row in
            PendingRestart(
                taskID: row[0], due: Timestamp(millisecondsSince1970: row[1]), attempt: row[2])
        }
    }

    /// - Returns: whether there was one.
    @discardableResult
    package func deletePendingRestart(taskID: String) throws -> Bool {
        try execute(sql: "DELETE FROM restarts WHERE task_id = ?", arguments: [taskID])
        return database.changesCount > 0
    }
}
