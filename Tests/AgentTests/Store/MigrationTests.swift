// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Foundation
import GRDB
import SystemPackage
import TaskNetworking
import Testing
import VPC

@testable import Agent

/// Each state of `Schemas`, opened by today's daemon.
@Suite("Store: states of earlier daemons")
struct MigrationTests {
    /// One for each schema but today's: a new one needs the dump of the one before it.
    static let versions = Array(1..<StoreSchema.migrator.migrations.count)

    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private var database: String { directory.path.appending("tasknet.db").string }

    private func load(_ version: Int) throws {
        let dump = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Schemas/\(version).sql")
        let queue = try DatabaseQueue(path: database)
        try queue.writeWithoutTransaction { try $0.execute(sql: String(contentsOf: dump, encoding: .utf8)) }
        try queue.close()
    }

    /// Every row of every table that a daemon of that schema had, as texts.
    private func rows() throws -> [String: [String]] {
        let queue = try DatabaseQueue(path: database)
        defer { try? queue.close() }
        return try queue.read { database in
            let tables = try String.fetchAll(
                database,
                sql: """
                    SELECT name FROM sqlite_schema
                    WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name <> 'grdb_migrations'
                    """)
            var found: [String: [String]] = [:]
            for table in tables {
                found[table] = try Row.fetchAll(database, sql: "SELECT * FROM \(table)").map(\.description)
            }
            return found
        }
    }

    @Test("Nothing of it is lost or changed, and it is today's afterwards", arguments: versions)
    func kept(version: Int) async throws {
        try load(version)
        let before = try rows()
        #expect(before["tasks"]?.count == 3)
        for _ in 0..<2 {
            let store = try Store(directory: directory.path)
            #expect(try await store.read { try $0.tasks(limit: 100, after: nil).items.count } == 3)
        }
        let after = try rows()
        for (table, rows) in before { #expect(after[table] == rows, "\(table)") }
        let queue = try DatabaseQueue(path: database)
        let applied = try await queue.read { try StoreSchema.migrator.appliedIdentifiers($0) }
        #expect(applied == Set(StoreSchema.migrator.migrations))
        try queue.close()
    }

    @Test("Each record of it can be read, with what it means", arguments: versions)
    func read(version: Int) async throws {
        try load(version)
        let store = try Store(directory: directory.path)
        let (running, stopped) = try await store.read { store in
            let tasks = try store.tasks(limit: 100, after: nil).items
            return (try store.unstoppedTasks(), tasks.filter { $0.lastStatus == .stopped })
        }
        let task = try #require(running.first)
        #expect(running.count == 1)
        #expect(task.pause != nil && task.hostname == "ip-10-64-1-4.ec2.internal")
        #expect(stopped.map(\.stopCode) == [.userInitiated, .essentialContainerExited])
        try await store.read { store in
            for other in stopped + [task] {
                #expect(try store.taskDefinition(family: other.family, revision: other.revision) != nil)
            }
            #expect(try store.containers(taskID: task.id).map(\.name) == ["app", "sidecar"])
            #expect(try store.containers(taskID: stopped[1].id).map(\.exitCode) == [3])
            let interfaces = try store.networkInterfaces(taskID: task.id)
            #expect(interfaces.map(\.status) == [.attached, .attached, .attaching])
            #expect(interfaces.map(\.origin) == [.daemon, .attached, .attached])
            #expect((interfaces[0].networkInterface.securityGroupIDs != nil) == (version >= 3))
            let plans = try store.networkPlans(taskID: task.id)
            #expect(plans.map(\.networkInterfaceID) == [nil, "eni-0123456789abcdef0"])
            #expect(plans.map(\.holdsDevice) == [false, true])
            #expect(try store.hostNetworkPlan() != nil)
            #expect(try store.lastAddresses(of: "subnet-0a400100180000000").count == 2)
            #expect(try store.leases().count == (version >= 2 ? 4 : 2))
            #expect(try store.metadata("boot id") != nil)
        }
        try await readNewer(version, store)
    }

    /// What not all of them had.
    private func readNewer(_ version: Int, _ store: Store) async throws {
        try await store.read { store in
            let sandboxes = try store.sandboxInterfaces()
            #expect(sandboxes.map(\.sandbox?.podName) == (version >= 2 ? ["web-0"] : []))
            for interface in sandboxes { #expect(try store.sandboxPlan(networkInterfaceID: interface.id) != nil) }
            #expect(try store.securityGroups().map(\.group.name) == (version >= 3 ? ["web"] : []))
            #expect(try store.securityGroupCombinations().count == (version >= 3 ? 2 : 0))
            #expect(try store.releasedAddresses(subnetID: "subnet-0a400100180000000").count == (version >= 4 ? 4 : 0))
            #expect(try store.events(limit: 1).isEmpty == (version < 5))
        }
    }

    @Test("It goes on from there", arguments: versions)
    func goesOn(version: Int) async throws {
        try load(version)
        let store = try Store(directory: directory.path)
        try await store.write { store in
            let task = try #require(try store.unstoppedTasks().first)
            let last = try store.lastEventSequence()
            try store.updateTask(task.id) { $0.lastStatus = .stopped }
            for interface in try store.networkInterfaces(taskID: task.id) {
                try store.updateNetworkInterface(interface.id) { $0.status = .deleted }
                try store.deleteLeases(networkInterfaceID: interface.id)
            }
            try store.setNetworkPlans([], taskID: task.id)
            #expect(try store.events(EventFilter(taskIDs: [task.id]), after: last, limit: 9).count == 4)
            #expect(try store.releasedAddresses(subnetID: "subnet-0a400100180000000").count >= 2)
            for task in try store.tasks(limit: 9, after: nil).items { try store.deleteTask(id: task.id) }
            #expect(try store.taskCounts().isEmpty)
        }
    }
}
