// SPDX-License-Identifier: Apache-2.0
import CSQLite

/// What SQLite could not do.
struct SQLiteError: Error, Hashable, CustomStringConvertible {
    let operation: String
    let path: String
    /// Extended. The corresponding C constants are `SQLITE_*`.
    let code: CInt
    /// SQLite's own words.
    let message: String

    var description: String { "\(operation) \(path): \(message) (SQLite \(code))" }

    private var primaryCode: CInt { code & 0xff }

    /// Somebody else is at it, and was for longer than we wait.
    var isBusy: Bool { primaryCode == SQLITE_BUSY || primaryCode == SQLITE_LOCKED }

    /// It is no database, or one that is damaged.
    var isCorrupt: Bool { primaryCode == SQLITE_CORRUPT || primaryCode == SQLITE_NOTADB }
}
