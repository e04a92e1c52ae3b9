// SPDX-License-Identifier: Apache-2.0
import GRDB
import Glibc
import Synchronization
package import SystemPackage

/// The daemon's desired state, in SQLite: what it was told to make true, and how far it has come.
///
/// All access is in transactions, one after the other. A method of `StoreTransaction` exists for every question that the
/// daemon has; a row's whole record is JSON, and what is asked for by SQL is a column generated from it, so that the two
/// cannot disagree.
package final class Store: Sendable {
    private let queue: DatabaseQueue
    /// Changes that hold their caller's thread until it is their turn.
    private let writes = Places(4)
    /// How many changes are being made, or wait for their turn.
    private let changes = Atomic(0)
    /// Connections of their own: what is only read does not wait while somebody else's lock keeps a change waiting.
    private let readers: Readers
    private let lock: StateDirectoryLock
    private let path: String
    let eventFeed = EventFeed()
    private let groupCache = SecurityGroupCache()

    /// The security groups that the API made, where they need not be read.
    var knownSecurityGroups: [SecurityGroupRecord]? { groupCache.view.groups }

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
        readers = try Readers(path)
    }

    deinit {
        // Before the lock goes, so that the next one to open the state finds it at rest.
        readers.close()
        try? queue.close()
    }

    package func read<T: Sendable>(_ body: @Sendable @escaping (StoreTransaction) throws -> T) async throws -> T {
        try await told {
            let known = groupCache.view
            let access = { @Sendable (database: Database) in try body(StoreTransaction(database, knownGroups: known)) }
            if Blocking.isAllowed, let result = try readByWriter(access) ?? readers.readHere(access) { return result }
            return try await readers.read(access)
        }
    }

    /// On the thread that this is called on, by the connection that wrote last: it has in memory what the others would have
    /// to read again after each change.
    ///
    /// - Returns: nil while there is a change, which may wait for somebody else's lock.
    private func readByWriter<T>(_ access: (Database) throws -> T) throws -> T? {
        guard changes.load(ordering: .relaxed) == 0 else { return nil }
        // Not by `read`: it switches `query_only` on and off, and each time SQLite compiles all statements anew.
        return try queue.unsafeRead { database in
            try database.transaction(.deferred, then: .rollback) { try access(database) }
        }
    }

    /// Everything or nothing of what the body does.
    @discardableResult
    package func write<T: Sendable>(
        _ durability: Durability = .process, _ body: @Sendable @escaping (StoreTransaction) throws -> T
    ) async throws -> T {
        changes.add(1, ordering: .relaxed)
        defer { changes.subtract(1, ordering: .relaxed) }
        return try await told {
            if Blocking.isAllowed, let result = try writes.ifFree({ try writeHere(durability, body) }) { return result }
            return try await queue.writeWithoutTransaction { [self] database in
                do {
                    return try write(durability, in: database, body)
                } catch let error as DatabaseError where error.isLocked {
                    try database.execute(sql: "PRAGMA busy_timeout = \(Self.patience)")
                    defer { try? database.execute(sql: "PRAGMA busy_timeout = 0") }
                    return try write(durability, in: database, body)
                }
            }
        }
    }

    /// How long somebody else's lock is waited for, in milliseconds.
    static let patience = 5000

    /// On the thread that this is called on, which is held for other changes of this program's, but not for somebody
    /// else's lock.
    ///
    /// - Returns: nil where there is one: nothing is done then.
    private func writeHere<T>(_ durability: Durability, _ body: (StoreTransaction) throws -> T) throws -> T? {
        do {
            return try queue.writeWithoutTransaction { try write(durability, in: $0, body) }
        } catch let error as DatabaseError where error.isLocked {
            return nil
        }
    }

    private func write<T>(
        _ durability: Durability, in database: Database, _ body: (StoreTransaction) throws -> T
    ) throws -> T {
        if durability == .host { try database.execute(sql: "PRAGMA synchronous = FULL") }
        defer { if durability == .host { try? database.execute(sql: "PRAGMA synchronous = NORMAL") } }
        let transaction = StoreTransaction(
            database, maximumEvents: eventFeed.maximum, knownGroups: groupCache.view)
        // The lock comes first of all, so that a transaction which is refused it has not begun.
        let result = try database.transaction(.immediate) { try body(transaction) }
        if transaction.done.changesGroups { groupCache.noteChange() }
        if transaction.done.lastEvent != nil { eventFeed.tell() }
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
