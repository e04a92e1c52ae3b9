// SPDX-License-Identifier: Apache-2.0
import CSQLite

/// What stands for a question mark in a statement.
enum SQLiteValue: Hashable {
    case integer(Int64)
    case text(String)
    case blob([UInt8])
}

/// A prepared statement with its parameters, on its way through its rows.
struct SQLiteStatement: ~Copyable {
    private let database: SQLiteDatabase
    private let handle: OpaquePointer

    init(
        _ sql: String, in database: SQLiteDatabase, _ connection: OpaquePointer, _ parameters: [SQLiteValue]
    ) throws(SQLiteError) {
        handle = try Self.prepare(sql, database, connection, parameters)
        self.database = database
    }

    deinit { sqlite3_finalize(handle) }

    /// Goes to the next row; false when there is none any more.
    func step() throws(SQLiteError) -> Bool {
        switch sqlite3_step(handle) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        case let code: throw database.error(code)
        }
    }

    func integer(_ column: CInt) -> Int64 { sqlite3_column_int64(handle, column) }

    /// By its length: a text may have a NUL in it.
    func text(_ column: CInt) -> String { String(decoding: blob(column), as: UTF8.self) }

    func blob(_ column: CInt) -> [UInt8] {
        guard let start = sqlite3_column_blob(handle, column) else { return [] }
        return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column))))
    }

    private static func prepare(
        _ sql: String, _ database: SQLiteDatabase, _ connection: OpaquePointer, _ parameters: [SQLiteValue]
    ) throws(SQLiteError) -> OpaquePointer {
        var handle: OpaquePointer?
        var code = sqlite3_prepare_v2(connection, sql, -1, &handle, nil)
        guard code == SQLITE_OK, let handle else { throw database.error(code) }
        for (index, parameter) in parameters.enumerated() where code == SQLITE_OK {
            code = bind(parameter, to: handle, at: CInt(index + 1))
        }
        if code == SQLITE_OK { return handle }
        let error = database.error(code)
        sqlite3_finalize(handle)
        throw error
    }

    private static func bind(_ value: SQLiteValue, to handle: OpaquePointer, at index: CInt) -> CInt {
        switch value {
        case .integer(let number):
            sqlite3_bind_int64(handle, index, number)
        case .text(let text):
            withAddress(of: Array(text.utf8)) { address, count in
                let characters = address.assumingMemoryBound(to: CChar.self)
                return sqlite3_bind_text64(handle, index, characters, count, copied, UInt8(SQLITE_UTF8))
            }
        case .blob(let bytes):
            withAddress(of: bytes) { sqlite3_bind_blob64(handle, index, $0, $1, copied) }
        }
    }

    /// No bytes have an address too: without one they would be NULL.
    private static func withAddress(
        of bytes: [UInt8], _ body: (UnsafeRawPointer, sqlite3_uint64) -> CInt
    ) -> CInt {
        (bytes + [0]).withUnsafeBytes { buffer in
            buffer.baseAddress.map { body($0, sqlite3_uint64(bytes.count)) } ?? SQLITE_NOMEM
        }
    }

    /// The corresponding C macro is `SQLITE_TRANSIENT`, which Swift cannot import.
    private static var copied: sqlite3_destructor_type { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }
}
