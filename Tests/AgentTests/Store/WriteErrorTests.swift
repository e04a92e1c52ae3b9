// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import GRDB
import SystemPackage
import TestSupport
import Testing

@testable import Agent

/// A disk that does not take what is written.
@Suite("Store: write errors")
struct WriteErrorTests {
    /// A file system of a test's own, in memory.
    private func withFileSystem(_ options: String, _ body: (FilePath) async throws -> Void) async throws {
        let directory = try TemporaryDirectory()
        try run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", directory.path.string])
        do {
            try await body(directory.path)
        } catch {
            try run(["umount", directory.path.string])
            throw error
        }
        try run(["umount", directory.path.string])
    }

    @Test("A full disk is told, loses nothing, and is written again when there is room", .requiresRoot)
    func full() async throws {
        try await withFileSystem("size=1m") { directory in
            let store = try Store(directory: directory)
            try await store.write { try $0.setMetadata("before", "1") }
            let text = String(repeating: "x", count: 4000)
            let error = await #expect(throws: StoreError.self) {
                for number in 0..<1000 {
                    try await store.write { store in
                        try store.setMetadata("last", "\(number)")
                        for part in 0..<10 { try store.setMetadata("\(number) \(part)", text) }
                    }
                }
            }
            #expect(error == .full(path: directory.appending("tasknet.db").string))
            let refusal = APIError(reporting: try #require(error))
            #expect(refusal.type == "ServerException" && refusal.message.contains("the file system is full; make room"))
            let (last, isHalf) = try await store.read { store in
                let last = try #require(try store.metadata("last").flatMap { Int($0) })
                return (last, try store.metadata("\(last + 1) 0") != nil)
            }
            #expect(last > 0 && !isHalf)
            #expect(try await store.read { try $0.metadata("before") } == "1")
            try run(["mount", "-o", "remount,size=8m", directory.string])
            try await store.write { try $0.setMetadata("after", "1") }
            #expect(try await store.read { try $0.metadata("last") } == "\(last)")
        }
    }

    @Test("A daemon of this boot starts on a full disk", .requiresRoot)
    func startsFull() async throws {
        try await withFileSystem("size=1m") { directory in
            do {
                let store = try Store(directory: directory)
                _ = try await store.write { try $0.recordBoot("a") }
            }
            // All but what the log's index takes.
            _ = try attempt(["dd", "if=/dev/zero", "of=\(directory)/filler", "bs=4k"])
            try run(["truncate", "-s", "-40k", "\(directory)/filler"])
            let store = try Store(directory: directory)
            #expect(try await store.write { try $0.recordBoot("a") } == .same)
        }
    }

    @Test("A read-only disk is told at the start", .requiresRoot)
    func readOnly() async throws {
        try await withFileSystem("size=1m") { directory in
            do { _ = try Store(directory: directory) }
            try run(["mount", "-o", "remount,ro", directory.string])
            let error = #expect(throws: StoreError.self) { try Store(directory: directory) }
            #expect(error?.description.contains("Read-only file system") == true, "\(String(describing: error))")
        }
    }

    @Test("A lock of somebody else's is waited for, then told; reading goes on")
    func locked() async throws {
        let directory = try TemporaryDirectory()
        let path = directory.path.appending("tasknet.db").string
        let store = try Store(directory: directory.path)
        try await store.write { try $0.setMetadata("a", "1") }
        var configuration = Configuration()
        configuration.allowsUnsafeTransactions = true
        let other = try DatabaseQueue(path: path, configuration: configuration)
        try await other.writeWithoutTransaction { try $0.beginTransaction(.immediate) }
        await #expect(throws: StoreError.busy(path: path)) { try await store.write { try $0.setMetadata("a", "2") } }
        #expect(try await store.read { try $0.metadata("a") } == "1")
        try await other.writeWithoutTransaction { try $0.rollback() }
        try await store.write { try $0.setMetadata("a", "2") }
        #expect(try await store.read { try $0.metadata("a") } == "2")
        try other.close()
    }

    @Test("What SQLite says of the disk is told with the file; what it says of a request stays as it is")
    func words() {
        let path = "/var/lib/tasknet/tasknet.db"
        #expect(StoreError(DatabaseError(resultCode: .SQLITE_FULL), of: path) == .full(path: path))
        #expect(StoreError(DatabaseError(resultCode: .SQLITE_READONLY_DBMOVED), of: path) == .readOnly(path: path))
        #expect(StoreError(DatabaseError(resultCode: .SQLITE_BUSY_SNAPSHOT), of: path) == .busy(path: path))
        #expect(
            StoreError(DatabaseError(resultCode: .SQLITE_CORRUPT, message: "malformed"), of: path)
                == .damaged(path: path, reason: "malformed"))
        #expect(
            StoreError(DatabaseError(resultCode: .SQLITE_IOERR_READ, message: "disk I/O error"), of: "/")
                == .failing(path: "/", reason: "disk I/O error"))
        #expect(StoreError(DatabaseError(resultCode: .SQLITE_CONSTRAINT_UNIQUE), of: path) == nil)
    }
}
