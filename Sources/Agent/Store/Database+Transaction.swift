// SPDX-License-Identifier: Apache-2.0
import GRDB

extension Database {
    /// What becomes of a transaction whose body throws nothing.
    enum TransactionEnd: String {
        case commit = "COMMIT TRANSACTION"
        case rollback = "ROLLBACK TRANSACTION"
    }

    /// Runs a transaction; nothing of one whose body throws stays.
    ///
    /// GRDB's own compiles the statements for it each time, which takes as long as much of what is done in between.
    func transaction<Result>(
        _ kind: TransactionKind, then end: TransactionEnd = .commit, _ body: () throws -> Result
    ) throws -> Result {
        try cachedStatement(sql: "BEGIN \(kind.rawValue) TRANSACTION").execute()
        do {
            let result = try body()
            // SQLite ends it by itself after some errors, which the body may have caught.
            guard isInsideTransaction else { throw DatabaseError(resultCode: .SQLITE_ABORT) }
            try cachedStatement(sql: end.rawValue).execute()
            return result
        } catch {
            if isInsideTransaction { try? cachedStatement(sql: TransactionEnd.rollback.rawValue).execute() }
            throw error
        }
    }
}
