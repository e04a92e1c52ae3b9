// SPDX-License-Identifier: Apache-2.0
import GRDB
import Glibc
package import SystemPackage

/// The daemon's desired state, in SQLite: what it was told to make true, and how far it has come.
///
/// All access is in transactions, one after the other. A method of `StoreTransaction` exists for every question that the
/// daemon has; a row's whole record is JSON, and what is asked for by SQL is a column generated from it, so that the two
/// cannot disagree.
package final class Store: Sendable {
    private let queue: DatabaseQueue
    /// A connection of its own: what is only read does not wait while somebody else's lock keeps a change waiting.
    private let reader: DatabaseQueue
    private let lock: StateDirectoryLock
    private let path: String
    let eventFeed = EventFeed()

    /// What must be on the disk when a write returns.
    package enum Durability: Sendable {
        /// Outlives the end of the daemon, however it ends, but perhaps not that of the host (power, panic). Enough for
        /// what lives in the kernel and dies with it.
        case process
        /// Outlives the host: what a caller was promised (a task definition's revision, that a
        /// task is run or stopped).
        case host
    }

    /// "tnet", in the header of the file.
    static let applicationID: Int32 = 0x746E_6574

    /// Opens the state, making what is not there yet, and refuses to share it.
    package init(directory: FilePath) throws {
        try Self.makeDirectory(directory)
        lock = try StateDirectoryLock(directory)
        path = directory.appending("tasknet.db").string
        try Self.inspect(path)
        queue = try Self.openDatabase(path)
        reader = try Self.openReader(path)
    }

    deinit {
        // Before the lock goes, so that the next one to open the state finds it at rest.
        try? reader.close()
        try? queue.close()
    }

    package func read<T: Sendable>(_ body: @Sendable @escaping (StoreTransaction) throws -> T) async throws -> T {
        try await told { try await reader.read { try body(StoreTransaction($0)) } }
    }

    /// Everything or nothing of what the body does.
    @discardableResult
    package func write<T: Sendable>(
        _ durability: Durability = .process, _ body: @Sendable @escaping (StoreTransaction) throws -> T
    ) async throws -> T {
        try await told {
            try await queue.writeWithoutTransaction { [eventFeed] database in
                if durability == .host { try database.execute(sql: "PRAGMA synchronous = FULL") }
                defer { if durability == .host { try? database.execute(sql: "PRAGMA synchronous = NORMAL") } }
                let transaction = StoreTransaction(database, maximumEvents: eventFeed.maximum)
                var result: T?
                try database.inTransaction {
                    result = try body(transaction)
                    return .commit
                }
                guard let result else { throw DatabaseError(resultCode: .SQLITE_INTERNAL) }
                if transaction.appended.last != nil { eventFeed.tell() }
                return result
            }
        }
    }

    /// Runs an access, telling what is wrong with the disk in words.
    private func told<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as DatabaseError {
            throw StoreError(error, of: path) ?? error
        }
    }
}
