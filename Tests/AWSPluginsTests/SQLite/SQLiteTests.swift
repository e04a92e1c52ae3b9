// SPDX-License-Identifier: Apache-2.0
import CSQLite
import Foundation
import TestSupport
import Testing

@testable import AWSPlugins

@Suite struct SQLiteTests {
    private func withFile(_ body: (String) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "sqlite-\(UUID().uuidString)").path
        defer { unlink(path) }
        try Data().write(to: URL(filePath: path))
        try body(path)
    }

    @Test func valuesComeBackAsTheyWent() throws {
        try withFile { path in
            let database = try SQLiteDatabase(path: path, patience: .zero)
            try database.execute("CREATE TABLE t (a, b, c)")
            let texts = ["", "a\0b", "'; DROP TABLE t; --", "\u{1F600}"]
            for text in texts {
                try database.run(
                    "INSERT INTO t VALUES (?, ?, ?)", .integer(.min), .text(text), .blob(Array(text.utf8)))
            }
            let rows = try database.rows("SELECT a, b, c FROM t ORDER BY rowid") { row in
                (row.integer(0), row.text(1), row.blob(2))
            }
            #expect(rows.map(\.1) == texts && rows.allSatisfy { $0.0 == .min && $0.2 == Array($0.1.utf8) })
            #expect(try database.integer("SELECT count(*) FROM t WHERE b = ?", .text("a\0b")) == 1)
            #expect(try database.integer("SELECT count(*) FROM t WHERE b IS NULL OR c IS NULL") == 0)
        }
    }

    @Test func aTransactionIsDoneOrNot() throws {
        try withFile { path in
            let database = try SQLiteDatabase(path: path, patience: .zero)
            try database.execute("CREATE TABLE t (a)")
            #expect(throws: Stop.self) { try insert(into: database, stopping: true) }
            #expect(try database.integer("SELECT count(*) FROM t") == 0)
            try insert(into: database, stopping: false)
            #expect(try SQLiteDatabase(path: path, patience: .zero).integer("SELECT count(*) FROM t") == 1)
        }
    }

    private struct Stop: Error {}

    private func insert(into database: SQLiteDatabase, stopping: Bool) throws {
        try database.transaction {
            try database.run("INSERT INTO t VALUES (1)")
            if stopping { throw Stop() }
        }
    }

    @Test func errorsSayWhat() throws {
        #expect(throws: SQLiteError.self) { try SQLiteDatabase(path: "/none/x", patience: .zero) }
        try withFile { path in
            let database = try SQLiteDatabase(path: path, patience: .zero)
            let error = #expect(throws: SQLiteError.self) { try database.execute("SELEKT") }
            #expect(error?.description.contains(path) == true && error?.message.contains("syntax error") == true)
            #expect(throws: SQLiteError.self) { try database.run("SELECT ?", .integer(1), .integer(2)) }
            try database.execute("BEGIN IMMEDIATE")
            let busy = #expect(throws: SQLiteError.self) {
                try SQLiteDatabase(path: path, patience: .milliseconds(10)).execute("BEGIN IMMEDIATE")
            }
            #expect(busy?.isBusy == true)
        }
    }
}
