// SPDX-License-Identifier: Apache-2.0

extension StoreSchema {
    /// What has happened. Without indexes, which would make each change of a status dearer: what is asked for is what came
    /// after a number, and a look through the whole list, which is bounded, takes milliseconds. No foreign keys: an event
    /// outlives what it tells of.
    static let events = [
        """
        CREATE TABLE events (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            time INTEGER NOT NULL,
            kind TEXT NOT NULL,
            subject TEXT NOT NULL,
            task_id TEXT,
            from_status TEXT,
            to_status TEXT,
            cause TEXT
        ) STRICT
        """
    ]
}
