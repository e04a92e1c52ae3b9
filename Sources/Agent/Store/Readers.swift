// SPDX-License-Identifier: Apache-2.0
import GRDB
import Synchronization

/// Connections to the database that only read. What may hold its thread reads by one that is free, without waking
/// another thread for it; all others wait for one.
final class Readers: Sendable {
    private let path: String
    private let shared: DatabaseQueue
    private let free: Mutex<Free>

    private struct Free {
        var queues: [DatabaseQueue] = []
        /// How many more may be opened.
        var unopened = 3
    }

    /// - Parameter path: of a database that is open for writing already.
    init(_ path: String) throws {
        self.path = path
        shared = try Self.open(path)
        free = Mutex(Free())
    }

    /// After all others that wait.
    func read<Value: Sendable>(_ access: @Sendable @escaping (Database) throws -> Value) async throws -> Value {
        try await shared.read(access)
    }

    /// On the thread that this is called on.
    /// - Returns: nil where no connection is free.
    func readHere<Value>(_ access: (Database) throws -> Value) throws -> Value? {
        guard let queue = take() else { return nil }
        defer { free.withLock { $0.queues.append(queue) } }
        return try queue.read(access)
    }

    /// One that is free, or a new one; nil also where none can be opened, as where no descriptor is left.
    private func take() -> DatabaseQueue? {
        let (queue, mayOpen) = free.withLock { free -> (DatabaseQueue?, Bool) in
            if let queue = free.queues.popLast() { return (queue, false) }
            defer { free.unopened = max(0, free.unopened - 1) }
            return (nil, free.unopened > 0)
        }
        guard mayOpen else { return queue }
        do {
            return try Self.open(path)
        } catch {
            free.withLock { $0.unopened += 1 }
            return nil
        }
    }

    func close() {
        for queue in free.withLock(\.queues) + [shared] { try? queue.close() }
    }

    private static func open(_ path: String) throws -> DatabaseQueue {
        var configuration = Configuration()
        configuration.label = "store, to read"
        configuration.readonly = true
        configuration.prepareDatabase { database in
            // In KiB. What one of them has in memory is void after the next change anyway.
            try database.execute(sql: "PRAGMA cache_size = -256")
        }
        return try DatabaseQueue(path: path, configuration: configuration)
    }
}
