// SPDX-License-Identifier: Apache-2.0
import Foundation
import GRDB
import SystemPackage
import Testing

@testable import Agent

/// States that are not this daemon's to change.
@Suite("Store: states that are refused")
struct RefusedStateTests {
    private let directory: TemporaryDirectory
    private let state: FilePath
    private let database: FilePath

    init() throws {
        directory = try TemporaryDirectory()
        state = directory.path.appending("state")
        database = state.appending("tasknet.db")
        try FileManager.default.createDirectory(atPath: state.string, withIntermediateDirectories: true)
    }

    enum Damage: String, CaseIterable {
        /// All of it, at its beginning, in its middle.
        case garbage, header, page
        case truncatedInPage, truncatedByHalf, text
        /// Nothing in it, beside a log that has something.
        case emptied
    }

    /// A daemon's files as they are while it runs: part of the state is in the log alone.
    /// - Parameter isFolded: all of it is in the database.
    private func makeState(isFolded: Bool, _ body: @Sendable @escaping (Database) throws -> Void = { _ in })
        async throws
    {
        let other = try TemporaryDirectory()
        let path = other.path.appending("tasknet.db").string
        let store = try Store(directory: other.path)
        try await store.write { for key in 0..<500 { try $0.setMetadata("key \(key)", "value") } }
        let queue = try DatabaseQueue(path: path)
        try await queue.write(body)
        if isFolded { _ = try await queue.writeWithoutTransaction { try $0.checkpoint(.truncate) } }
        for file in ["tasknet.db", "tasknet.db-wal"] {
            try FileManager.default.copyItem(
                atPath: other.path.appending(file).string, toPath: state.appending(file).string)
        }
        try queue.close()
        withExtendedLifetime(store) {}
    }

    private func inflict(_ damage: Damage) throws {
        var bytes = try Data(contentsOf: URL(filePath: database.string))
        switch damage {
        case .garbage: bytes = Data(repeating: 0x41, count: bytes.count)
        case .header: bytes.replaceSubrange(0..<100, with: Data(repeating: 0, count: 100))
        case .page:
            let middle = bytes.count / 8192 * 4096
            bytes.replaceSubrange(middle..<(middle + 4096), with: Data(repeating: 0xFF, count: 4096))
        case .truncatedInPage: bytes = bytes.prefix(bytes.count - 1000)
        case .truncatedByHalf: bytes = bytes.prefix(bytes.count / 8192 * 4096)
        case .text: bytes = Data("This is not a database.\n".utf8)
        case .emptied: bytes = Data()
        }
        try bytes.write(to: URL(filePath: database.string))
    }

    /// What is in the state directory and is somebody's work. A log that is empty is made by whoever looks.
    private func contents() throws -> [String: Data] {
        var found: [String: Data] = [:]
        for name in ["tasknet.db", "tasknet.db-wal"] {
            let bytes = FileManager.default.contents(atPath: state.appending(name).string)
            found[name] = bytes?.isEmpty == true && name.hasSuffix("-wal") ? nil : bytes
        }
        return found
    }

    /// - Returns: why the state is refused; nothing in it has changed.
    private func refusal() throws -> StoreError? {
        let before = try contents()
        let error = #expect(throws: StoreError.self) { try Store(directory: state) }
        #expect(try contents() == before)
        return error
    }

    @Test("One that is damaged is told and left as it is", arguments: Damage.allCases, [true, false])
    func damaged(damage: Damage, isFolded: Bool) async throws {
        // What is not in the file yet cannot be damaged there, and a log that is empty is as good as none.
        if (damage == .emptied) == isFolded { return }
        try await makeState(isFolded: isFolded)
        try inflict(damage)
        guard case .damaged(database.string, _) = try refusal() else {
            Issue.record("it is not found damaged")
            return
        }
    }

    @Test("Of a log that is cut or spoilt, what is whole is taken", arguments: [0, 1000, 20_000])
    func damagedLog(kept: Int) async throws {
        try await makeState(isFolded: false)
        let log = URL(filePath: database.string + "-wal")
        var bytes = try Data(contentsOf: log)
        bytes = bytes.prefix(kept) + (kept == 1000 ? Data(repeating: 0x41, count: 5000) : Data())
        try bytes.write(to: log)
        let store = try Store(directory: state)
        try await store.write { try $0.setMetadata("key 0", "another") }
        #expect(try await store.read { try $0.metadata("key 0") } == "another")
    }

    @Test("One of a newer daemon is told and left as it is", arguments: [true, false])
    func newer(isFolded: Bool) async throws {
        try await makeState(isFolded: isFolded) {
            try $0.execute(sql: "INSERT INTO grdb_migrations VALUES ('9 the future')")
        }
        #expect(try refusal() == .newer(path: database.string, migrations: ["9 the future"]))
    }

    @Test("Another program's database is told and left as it is", arguments: [true, false])
    func foreign(isInWAL: Bool) throws {
        let queue = try DatabaseQueue(path: database.string)
        try queue.writeWithoutTransaction { database in
            if isInWAL { try database.execute(sql: "PRAGMA journal_mode = WAL") }
            try database.execute(sql: "CREATE TABLE bookmarks (url TEXT)")
        }
        try queue.close()
        #expect(try refusal() == .foreign(path: database.string))
    }

    @Test("What is no file is told")
    func noFile() throws {
        try FileManager.default.createDirectory(atPath: database.string, withIntermediateDirectories: true)
        #expect(try refusal() == .inaccessible(path: database.string, reason: "it is not a file"))
    }

    @Test("An empty file is a state that has just begun")
    func empty() async throws {
        try Data().write(to: URL(filePath: database.string))
        let store = try Store(directory: state)
        #expect(try await store.write { try $0.recordBoot("a") } == .first)
    }
}
