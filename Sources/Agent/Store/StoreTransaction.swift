// SPDX-License-Identifier: Apache-2.0
import GRDB
import JSON
import VPC

/// One transaction's view of the state. It must not leave the body that it was given to.
package struct StoreTransaction {
    let database: Database
    let maximumEvents: Int
    let done = Done()
    let knownGroups: SecurityGroupCache.View

    init(_ database: Database, maximumEvents: Int = EventFeed.defaultMaximum, knownGroups: SecurityGroupCache.View) {
        self.database = database
        self.maximumEvents = maximumEvents
        self.knownGroups = knownGroups
    }

    /// What the transaction has done that others are told of when it is committed.
    final class Done {
        var lastEvent: Int64?
        var changesGroups = false
    }

    func encode(_ record: some Encodable) throws -> String { try JSONEncoding.text(of: record) }

    func decode<Record: Decodable>(_ type: Record.Type, _ text: String) throws -> Record {
        try JSONDecoding.value(of: type, in: text)
    }

    func one<Record: Decodable>(
        _ type: Record.Type, _ sql: String, _ arguments: StatementArguments = StatementArguments()
    ) throws -> Record? {
        try String.fetchOne(statement(sql), arguments: arguments).map { try decode(type, $0) }
    }

    func all<Record: Decodable>(
        _ type: Record.Type, _ sql: String, _ arguments: StatementArguments = StatementArguments()
    ) throws -> [Record] {
        try String.fetchAll(statement(sql), arguments: arguments).map { try decode(type, $0) }
    }

    /// Runs one statement that changes something.
    func execute(sql: String, arguments: StatementArguments = StatementArguments()) throws {
        try statement(sql).execute(arguments: arguments)
    }

    /// Compiled when it is first run on this connection, and kept: for most, that takes longer than running it.
    private func statement(_ sql: String) throws -> Statement { try database.cachedStatement(sql: sql) }
}

// MARK: - Statuses

extension StoreTransaction {
    /// The one place that decides which way a recorded status may go.
    /// - Throws: `IllegalTransition`
    func check<Status: LifecycleStatus>(_ status: Status, follows before: Status) throws(IllegalTransition) {
        var lifecycle = Lifecycle(at: before)
        try lifecycle.advance(to: status)
    }
}

// MARK: - Metadata

extension StoreTransaction {
    package func metadata(_ key: String) throws -> String? {
        try String.fetchOne(statement("SELECT value FROM metadata WHERE key = ?"), arguments: [key])
    }

    package func setMetadata(_ key: String, _ value: String) throws {
        try execute(
            sql: "INSERT INTO metadata VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            arguments: [key, value])
    }

    /// Notes which boot of the host the state is now about.
    package func recordBoot(_ id: String) throws -> BootChange {
        let previous = try metadata("boot id")
        // A start on a full disk must not need to write.
        if previous == id { return .same }
        try setMetadata("boot id", id)
        return previous.map { .rebooted(previous: $0) } ?? .first
    }
}

/// What became of the kernel's side of the state since the daemon last ran.
package enum BootChange: Sendable, Equatable {
    /// There is no earlier state.
    case first
    /// The host has not been rebooted: links, namespaces and processes are where they were, or died one by one.
    case same
    /// Everything that lived in the kernel is gone.
    case rebooted(previous: String)
}
