// SPDX-License-Identifier: Apache-2.0
import CSQLite

/// A connection to a database file that exists, for one thread. Closed when it goes out of scope, which undoes a
/// transaction that was not finished.
final class SQLiteDatabase {
    let path: String
    private let handle: OpaquePointer

    /// - Parameter patience: how long each step waits for other connections to the same file.
    init(path: String, patience: Duration) throws(SQLiteError) {
        var handle: OpaquePointer?
        // A path that begins in a slash or a dot is never taken for a URI or for ":memory:".
        let file = path.hasPrefix("/") ? path : "./\(path)"
        let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        let code = sqlite3_open_v2(file, &handle, flags, nil)
        guard code == SQLITE_OK, let handle else {
            let message = Self.message(handle, code)
            sqlite3_close(handle)
            throw SQLiteError(operation: "open database", path: path, code: code, message: message)
        }
        self.path = path
        self.handle = handle
        let (seconds, attoseconds) = patience.components
        let milliseconds = Double(seconds) * 1000 + Double(attoseconds) / 1e15
        sqlite3_busy_timeout(handle, CInt(min(milliseconds.rounded(.up), Double(CInt.max))))
    }

    deinit { sqlite3_close(handle) }

    /// Runs statements that answer nothing.
    func execute(_ sql: String) throws(SQLiteError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw error(code) }
    }

    /// Runs one statement with its parameters in their order.
    func run(_ sql: String, _ parameters: SQLiteValue...) throws(SQLiteError) {
        let statement = try SQLiteStatement(sql, in: self, handle, parameters)
        while try statement.step() {}
    }

    /// The rows of one statement, as a body reads them.
    func rows<Row>(
        _ sql: String, _ parameters: SQLiteValue..., read: (borrowing SQLiteStatement) -> Row
    ) throws(SQLiteError) -> [Row] {
        let statement = try SQLiteStatement(sql, in: self, handle, parameters)
        var rows: [Row] = []
        while try statement.step() { rows.append(read(statement)) }
        return rows
    }

    /// A number that a statement answers; 0 for none.
    func integer(_ sql: String, _ parameters: SQLiteValue...) throws(SQLiteError) -> Int64 {
        let statement = try SQLiteStatement(sql, in: self, handle, parameters)
        return try statement.step() ? statement.integer(0) : 0
    }

    /// - Throws: `SQLITE_CORRUPT`, with what is wrong with the file's pages.
    func verify() throws(SQLiteError) {
        let words = try rows("PRAGMA quick_check(1)") { $0.text(0) }
        guard words == ["ok"] else {
            let message = words.joined(separator: "; ")
            throw SQLiteError(operation: "check database", path: path, code: SQLITE_CORRUPT, message: message)
        }
    }

    /// Runs a body that is done as a whole or not at all, with nobody else writing meanwhile.
    func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        // The lock for writing from the start: who gets it later, after reading, may find it taken by somebody who
        // waits for him to stop reading.
        try execute("BEGIN IMMEDIATE")
        do {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            try? execute("ROLLBACK")
            throw error
        }
    }

    func error(_ code: CInt) -> SQLiteError {
        SQLiteError(operation: "use database", path: path, code: code, message: Self.message(handle, code))
    }

    private static func message(_ handle: OpaquePointer?, _ code: CInt) -> String {
        let text = handle.flatMap { sqlite3_errmsg($0) } ?? sqlite3_errstr(code)
        return text.map { String(cString: $0) } ?? "unknown error"
    }
}
