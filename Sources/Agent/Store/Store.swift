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
    /// Those under way: who finds none need not wait for another thread.
    private let reads = Accesses()
    private let writes = Accesses()
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
        try await told {
            if Blocking.isAllowed, let result = try reads.ifNone({ try readHere(body) }) { return result }
            return try await reads.counting { try await reader.read { try body(StoreTransaction($0)) } }
        }
    }

    /// Everything or nothing of what the body does.
    @discardableResult
    package func write<T: Sendable>(
        _ durability: Durability = .process, _ body: @Sendable @escaping (StoreTransaction) throws -> T
    ) async throws -> T {
        try await told {
            if Blocking.isAllowed, let result = try writes.ifNone({ try writeHere(durability, body) }) { return result }
            return try await writes.counting {
                try await queue.writeWithoutTransaction { [eventFeed] database in
                    do {
                        return try Self.write(durability, in: database, eventFeed, body)
                    } catch let error as DatabaseError where error.isLocked {
                        try database.execute(sql: "PRAGMA busy_timeout = \(Self.patience)")
                        defer { try? database.execute(sql: "PRAGMA busy_timeout = 0") }
                        return try Self.write(durability, in: database, eventFeed, body)
                    }
                }
            }
        }
    }

    /// How long somebody else's lock is waited for, in milliseconds.
    static let patience = 5000

    /// On the thread that this is called on.
    private func readHere<T>(_ body: (StoreTransaction) throws -> T) throws -> T {
        try reader.read { try body(StoreTransaction($0)) }
    }

    /// On the thread that this is called on, which is not held for somebody else's lock.
    ///
    /// - Returns: nil where there is one: nothing is done then.
    private func writeHere<T>(_ durability: Durability, _ body: (StoreTransaction) throws -> T) throws -> T? {
        do {
            return try queue.writeWithoutTransaction { try Self.write(durability, in: $0, eventFeed, body) }
        } catch let error as DatabaseError where error.isLocked {
            return nil
        }
    }

    private static func write<T>(
        _ durability: Durability, in database: Database, _ eventFeed: EventFeed, _ body: (StoreTransaction) throws -> T
    ) throws -> T {
        if durability == .host { try database.execute(sql: "PRAGMA synchronous = FULL") }
        defer { if durability == .host { try? database.execute(sql: "PRAGMA synchronous = NORMAL") } }
        let transaction = StoreTransaction(database, maximumEvents: eventFeed.maximum)
        var result: T?
        // The lock comes first of all, so that a transaction which is refused it has not begun.
        try database.inTransaction(.immediate) {
            result = try body(transaction)
            return .commit
        }
        guard let result else { throw DatabaseError(resultCode: .SQLITE_INTERNAL) }
        if transaction.appended.last != nil { eventFeed.tell() }
        return result
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
