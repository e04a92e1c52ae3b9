// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite("Repair of a host whose database is damaged", .requiresRoot)
struct StateRepairTests {
    private func tasknetd(_ machine: Machine, _ arguments: String...) throws -> ProgramOutput {
        try machine.attempt(
            [try BuiltProduct.path("tasknetd").string, "--config", machine.configurationPath.string] + arguments)
    }

    private func repair(_ machine: Machine, _ arguments: String...) throws -> ProgramOutput {
        try machine.tasknet(["doctor", "--repair", "--config", machine.configurationPath.string] + arguments)
    }

    @Test("is refused while a task runs, and otherwise puts the file aside and cleans the kernel")
    func damaged() async throws {
        try await Machine.with(configuration: ReconcilerTests.unhurried) { machine in
            let task = try await ReconcilerTests.Subject(machine)
            try machine.endDaemon(SIGKILL)
            let fit = try tasknetd(machine, "--check-state")
            #expect(fit.succeeded && fit.output.hasPrefix("fit"), "\(fit)")
            let refusedFit = try repair(machine)
            #expect(!refusedFit.succeeded && refusedFit.errors.contains("is not damaged"), "\(refusedFit)")

            let database = machine.stateDirectory.appending("tasknet.db")
            try machine.startDaemon()
            try machine.endDaemon(SIGTERM)
            // What is still in the log beside it would make the damage good.
            let fold = "import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute('PRAGMA wal_checkpoint(TRUNCATE)')"
            try machine.run(["python3", "-c", fold, "\(database)"])
            try machine.run([
                "dd", "if=/dev/urandom", "of=\(database)", "bs=4096", "seek=1", "count=8", "conv=notrunc",
                "status=none",
            ])
            let damaged = try Data(contentsOf: URL(fileURLWithPath: database.string))
            #expect(throws: (any Error).self) { try machine.startDaemon() }
            let condition = try tasknetd(machine, "--check-state")
            #expect(condition.status == .exited(65) && condition.output.hasPrefix("damaged"), "\(condition)")
            #expect(try Data(contentsOf: URL(fileURLWithPath: database.string)) == damaged)

            let refused = try repair(machine)
            #expect(!refused.succeeded && refused.errors.contains("--stop-tasks"), "\(refused)")
            #expect(try task.hasTraffic)
            #expect(try Data(contentsOf: URL(fileURLWithPath: database.string)) == damaged)

            let done = try repair(machine, "--stop-tasks")
            #expect(done.succeeded, "\(done)")
            try await machine.expectNothingLeft()
            #expect(try machine.runJSON(["ip", "-j", "route"]).elements.isEmpty)
            #expect(try !machine.run(["nft", "list", "tables"]).contains("tasknet"))
            let aside = try FileManager.default.contentsOfDirectory(atPath: machine.stateDirectory.string)
                .filter { $0.hasPrefix("tasknet.db.damaged-") && !$0.hasSuffix("-wal") && !$0.hasSuffix("-shm") }
            let kept = try #require(aside.first)
            let keptPath = machine.stateDirectory.appending(kept).string
            #expect(try Data(contentsOf: URL(fileURLWithPath: keptPath)) == damaged)
            let absent = try tasknetd(machine, "--check-state")
            #expect(absent.succeeded && absent.output.hasPrefix("empty"), "\(absent)")

            try machine.startDaemon()
            #expect(try machine.ask("ListTasks")["taskArns"].elements.isEmpty)
            let inUse = try tasknetd(machine, "--check-state")
            #expect(inUse.status == .exited(75), "\(inUse)")
            let next = try await ReconcilerTests.Subject(machine)
            try await machine.stop(next.arn)
            try await machine.expectNothingLeft()
        }
    }
}
