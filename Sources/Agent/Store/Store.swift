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
    private let lock: StateDirectoryLock
    let eventFeed = EventFeed()

    /// What must be on the disk when a write returns.
    package enum Durability: Sendable {
        /// Outlives the end of the daemon, however it ends, but perhaps not that of the host (power, panic). Enough for
        /// what lives in the kernel and dies with it.
        case process
        /// Outlives the host: what a caller was promised (a task definition's revision).
        case host
    }

    /// "tnet", in the header of the file.
    static let applicationID: Int32 = 0x746E_6574

    /// Opens the state, making what is not there yet, and refuses to share it.
    package init(directory: FilePath) throws {
        try Self.makeDirectory(directory)
        lock = try StateDirectoryLock(directory)
        let path = directory.appending("tasknet.db").string
        queue = try Self.openDatabase(path)
    }

    deinit {
        // Before the lock goes, so that the next one to open the state finds it at rest.
        try? queue.close()
    }

    package func read<T: Sendable>(_ body: @Sendable @escaping (StoreTransaction) throws -> T) async throws -> T {
        try await queue.read { try body(StoreTransaction($0)) }
    }

    /// Everything or nothing of what the body does.
    @discardableResult
    package func write<T: Sendable>(
        _ durability: Durability = .process, _ body: @Sendable @escaping (StoreTransaction) throws -> T
    ) async throws -> T {
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

    /// What is in it (tasks' environments) is for nobody else.
    private static func makeDirectory(_ directory: FilePath) throws {
        do {
            try Directory.make(directory, mode: 0o700)
        } catch {
            throw StoreError.inaccessible(path: directory.string, reason: "\(error)")
        }
        guard chmod(directory.string, 0o700) == 0 else {
            throw StoreError.inaccessible(path: directory.string, reason: "\(Errno(rawValue: errno))")
        }
    }
}

// MARK: - Opening

extension Store {
    private static func openDatabase(_ path: String) throws -> DatabaseQueue {
        // SQLite gives its other files (-wal, -shm) the mode of this one.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0, fchmod(descriptor, 0o600) == 0 else {
            throw StoreError.inaccessible(path: path, reason: "\(Errno(rawValue: errno))")
        }
        close(descriptor)
        var configuration = Configuration()
        configuration.label = "store"
        configuration.foreignKeysEnabled = true
        // No other daemon writes; a person with sqlite3 may, and is waited for.
        configuration.busyMode = .timeout(5)
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration)
            try inspect(queue, path: path)
            try queue.writeWithoutTransaction { database in
                // Readers (sqlite3, a backup) do not stop the daemon, and a commit is one append.
                try database.execute(sql: "PRAGMA journal_mode = WAL")
                // In WAL mode NORMAL never damages the file, and loses commits only together with the host, whose
                // kernel state they describe. `Durability.host` says where more is promised.
                try database.execute(sql: "PRAGMA synchronous = NORMAL")
                try database.execute(sql: "PRAGMA application_id = \(applicationID)")
            }
            try StoreSchema.migrator.migrate(queue)
            return queue
        } catch let error as DatabaseError {
            switch error.resultCode {
            case .SQLITE_NOTADB, .SQLITE_CORRUPT:
                throw StoreError.damaged(path: path, reason: error.message ?? "\(error.resultCode)")
            default:
                throw StoreError.inaccessible(path: path, reason: error.message ?? "\(error)")
            }
        }
    }

    /// Looks before anything is written.
    private static func inspect(_ queue: DatabaseQueue, path: String) throws {
        try queue.read { database in
            let isEmpty = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0
            if isEmpty { return }
            guard try Int32.fetchOne(database, sql: "PRAGMA application_id") == applicationID else {
                throw StoreError.foreign(path: path)
            }
            let applied = try StoreSchema.migrator.appliedIdentifiers(database)
            let unknown = applied.subtracting(StoreSchema.migrator.migrations)
            guard unknown.isEmpty else { throw StoreError.newer(path: path, migrations: unknown.sorted()) }
            let check = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
            guard check == "ok" else {
                throw StoreError.damaged(path: path, reason: check ?? "no answer to quick_check")
            }
        }
    }
}
