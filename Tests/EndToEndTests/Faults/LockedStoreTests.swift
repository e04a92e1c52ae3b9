// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite("Fault: the database is locked by another program", .requiresRoot, .requiresProgram("sqlite3"))
struct LockedStoreTests {
    @Test("requests wait, then say so; reads go on; what ended meanwhile is told when the lock goes")
    func locked() async throws {
        try await Machine.with { machine in
            let kept = try await machine.runAndWait(Machine.sleeper("kept", seconds: 1001))
            let ending = try await machine.runAndWait(Machine.sleeper("ending", seconds: 1002))
            let database = machine.stateDirectory.appending("tasknet.db").string
            let lock = try DatabaseLock(on: machine, database)

            let refused = try machine.tryToRun("kept")
            #expect(refused.status == 500 && refused.errorType == "ServerException", "\(refused)")
            #expect(refused.message.contains("locked") && refused.message.contains(database), "\(refused.message)")
            #expect(try machine.describe(try #require(kept["taskArn"].text))["lastStatus"].text == "RUNNING")
            try machine.run(["pkill", "-f", "sleep 1002"])
            try await machine.waitForLog("task not recorded")

            try lock.release()
            try await machine.wait(for: try #require(ending["taskArn"].text), toBe: "STOPPED")
            let next = try await machine.runAndWait(Machine.sleeper("next", seconds: 1003))
            for task in [kept, next] { try await machine.stop(try #require(task["taskArn"].text)) }
            try await machine.expectNothingLeft()
        }
    }
}

/// A person's sqlite3 in the middle of a transaction.
private final class DatabaseLock: Sendable {
    private let process: ProcessHandle
    private let input: OwnedDescriptor

    init(on machine: Machine, _ database: String) throws {
        let commands = try PipeEnds()
        let answers = try PipeEnds()
        process = try machine.spawn(
            ["sqlite3", "-bail", database],
            descriptors: [0: commands.reading.withRaw { $0 }, 1: answers.writing.withRaw { $0 }])
        input = commands.intoWriting()
        try input.writeAll(Array(".timeout 10000\nBEGIN EXCLUSIVE;\nSELECT 'locked';\n".utf8), to: "sqlite3")
        let answer = try answers.intoReading().read(upTo: 64, of: "sqlite3")
        #expect(String(decoding: answer, as: UTF8.self) == "locked\n")
    }

    func release() throws {
        try input.writeAll(Array("ROLLBACK;\n.quit\n".utf8), to: "sqlite3")
        #expect(try process.reap() == .exited(0))
    }
}
