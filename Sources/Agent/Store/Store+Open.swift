// SPDX-License-Identifier: Apache-2.0
import GRDB
import Glibc
import Linux
import SystemPackage

extension Store {
    /// What is in it (tasks' environments) is for nobody else.
    static func makeDirectory(_ directory: FilePath) throws {
        do {
            try Directory.make(directory, mode: 0o700)
        } catch {
            throw StoreError.inaccessible(path: directory.string, reason: "\(error)")
        }
        guard chmod(directory.string, 0o700) == 0 else {
            throw StoreError.inaccessible(path: directory.string, reason: "\(Errno(rawValue: errno))")
        }
    }

    /// Looks before anything is written, by a connection that cannot write: one that could would fold the WAL into the
    /// file when it closes, also into one that is damaged or a newer daemon's.
    ///
    /// - Throws: why there is nothing for this daemon in it.
    static func inspect(_ path: String) throws {
        guard try hasContents(path) else { return }
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration(readonly: true))
            // What was learnt is in what is thrown.
            defer { try? queue.close() }
            try queue.read { try inspect($0, path: path) }
        } catch let error as DatabaseError {
            throw StoreError(opening: error, path)
        }
    }

    private static func inspect(_ database: Database, path: String) throws {
        let isEmpty = try Int.fetchOne(database, sql: "SELECT count(*) FROM sqlite_schema") == 0
        if isEmpty { return }
        guard try Int32.fetchOne(database, sql: "PRAGMA application_id") == applicationID else {
            throw StoreError.foreign(path: path)
        }
        let applied = try StoreSchema.migrator.appliedIdentifiers(database)
        let unknown = applied.subtracting(StoreSchema.migrator.migrations)
        guard unknown.isEmpty else { throw StoreError.newer(path: path, migrations: unknown.sorted()) }
        // 15 ms for 1,000 tasks, 150 ms for 10,000 (100 MB) once they are in memory.
        let check = try String.fetchOne(database, sql: "PRAGMA quick_check(1)")
        guard check == "ok" else {
            throw StoreError.damaged(path: path, reason: check ?? "no answer to quick_check")
        }
    }

    /// Whether there is something to look at. An empty file is what a daemon leaves that died in its very first moments.
    private static func hasContents(_ path: String) throws -> Bool {
        var status = stat()
        guard stat(path, &status) == 0 else {
            let error = Errno(rawValue: errno)
            guard error == .noSuchFileOrDirectory else {
                throw StoreError.inaccessible(path: path, reason: "\(error)")
            }
            return try !refuseOrphanedLog(path)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw StoreError.inaccessible(path: path, reason: "it is not a file")
        }
        return try status.st_size > 0 || !refuseOrphanedLog(path)
    }

    /// SQLite would delete a log that has no database to belong to, and it may be all that there is of the state.
    /// - Returns: true where there is none.
    private static func refuseOrphanedLog(_ path: String) throws -> Bool {
        var status = stat()
        guard stat(path + "-wal", &status) == 0, status.st_size > 0 else { return true }
        throw StoreError.damaged(path: path, reason: "it is empty, and \(path)-wal is not")
    }

    static func openDatabase(_ path: String) throws -> DatabaseQueue {
        // SQLite gives its other files (-wal, -shm) the mode of this one.
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0, fchmod(descriptor, 0o600) == 0 else {
            throw StoreError.inaccessible(path: path, reason: "\(Errno(rawValue: errno))")
        }
        close(descriptor)
        do {
            let queue = try DatabaseQueue(path: path, configuration: configuration(readonly: false))
            try queue.writeWithoutTransaction { try configure($0) }
            try StoreSchema.migrator.migrate(queue)
            // From now on whoever meets a lock decides how to wait for it.
            try queue.writeWithoutTransaction { try $0.execute(sql: "PRAGMA busy_timeout = 0") }
            return queue
        } catch let error as DatabaseError {
            throw StoreError(opening: error, path)
        }
    }

    private static func configuration(readonly: Bool) -> Configuration {
        var configuration = Configuration()
        configuration.label = "store"
        configuration.readonly = readonly
        configuration.foreignKeysEnabled = true
        // No other daemon writes; a person with sqlite3 may, and is waited for.
        configuration.busyMode = .timeout(Double(patience) / 1000)
        return configuration
    }

    /// docs/state.md says why, and what survives what.
    private static func configure(_ database: Database) throws {
        // Readers (sqlite3, a backup) do not stop the daemon, and a commit is one append.
        try database.execute(sql: "PRAGMA journal_mode = WAL")
        // In WAL mode NORMAL never damages the file, and loses commits only together with the host, whose kernel state
        // they describe. `Durability.host` says where more is promised.
        try database.execute(sql: "PRAGMA synchronous = NORMAL")
        // A log that had to grow, because somebody read for long, gets small again.
        try database.execute(sql: "PRAGMA journal_size_limit = \(4 << 20)")
        // Only where it is not so: a start on a full disk must not need to write.
        if try Int32.fetchOne(database, sql: "PRAGMA application_id") != applicationID {
            try database.execute(sql: "PRAGMA application_id = \(applicationID)")
        }
    }
}
