// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("Fault: no more file descriptors", .requiresRoot)
struct DescriptorTests {
    @Test("connections wait until there are some again, and the daemon does not spin meanwhile")
    func connectionsWait() async throws {
        try await Machine.with { machine in
            let task = try await machine.runAndWait(Machine.sleeper("kept", seconds: 1001))
            let open = try machine.openDescriptors()
            let early = try machine.connect()
            try early.send("ListTasks")
            #expect(try early.readStatus() == 200)
            try machine.limitDescriptors(to: open)
            let waiting = try (0..<20).map { _ in try machine.connect() }
            for connection in waiting { try connection.send("ListTasks") }
            try await machine.waitForLog("cannot accept connections")
            // One that was there before is served all the while.
            let ticks = try machine.processorTicks()
            let start = ContinuousClock.now
            while start.duration(to: .now) < .seconds(1) {
                try early.send("ListTasks")
                #expect(try early.readStatus() == 200)
                try await Task.sleep(for: .milliseconds(100))
            }
            let share = Double(try machine.processorTicks() - ticks) / 100 / (start.duration(to: .now) / .seconds(1))
            #expect(share < 0.5, "of a processor, where nothing can be done")

            try machine.limitDescriptors(to: 1024)
            for connection in waiting { #expect(try connection.readStatus() == 200) }
            try await machine.waitForLog("connections are accepted again")
            #expect(try machine.daemonLog().split(separator: "cannot accept connections").count == 2)
            try await machine.stop(try #require(task["taskArn"].text))
            try await machine.expectNothingLeft()
        }
    }

    @Test("what needs more than there are fails with the reason and leaves nothing; tasks are untouched")
    func requestsFail() async throws {
        try await Machine.with { machine in
            let kept = try await machine.runAndWait(Machine.sleeper("kept", seconds: 1001))
            let arn = try #require(kept["taskArn"].text)
            let address = try #require(kept["attachments"][0].detail("privateIPv4Address"))
            let (before, free) = (try machine.kernelState(), try machine.freeAddresses())
            try machine.run(["ip", "netns", "add", "box"])
            let open = try machine.openDescriptors()
            // One for a connection, and not enough for a network.
            try machine.limitDescriptors(to: open + 2)
            let refused = try machine.tryToRun("kept")
            let added = try machine.plugin("ADD", "box")
            #expect(!added.succeeded && added.output.contains("Too many open files"), "\(added)")
            try machine.run(["ping", "-c", "1", "-W", "5", address])

            let failed = try #require(refused.body["tasks"][0]["taskArn"].text)
            let id = try #require(failed.split(separator: "/").last)
            try await machine.wait("the task has failed") {
                try machine.daemonLog().split(separator: "\n").contains {
                    $0.contains(id) && $0.contains("Too many open files")
                }
            }
            try machine.limitDescriptors(to: 1024)
            let stopped = try await machine.wait(for: failed, toBe: "STOPPED")
            #expect(stopped["stoppedReason"].text?.contains("Too many open files") == true, "\(stopped)")
            try machine.run(["ip", "netns", "delete", "box"])
            // What could not be undone for want of descriptors, either, is undone at the next look: every five minutes, and
            // when it is asked for.
            _ = try machine.ask("Reconcile", service: "TaskNetwork")
            try await machine.wait("nothing of what failed is left") {
                try machine.kernelState() == before && machine.freeAddresses() == free
            }
            #expect(try machine.describe(arn)["lastStatus"].text == "RUNNING")
            try await machine.stop(arn)
            try await machine.expectNothingLeft()
        }
    }
}

extension Machine {
    fileprivate func openDescriptors() throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: outside("/proc/\(daemonPID())/fd").string).count
    }

    fileprivate func limitDescriptors(to count: Int) throws {
        try run(["prlimit", "--pid", daemonPID(), "--nofile=\(count):1024"])
    }

    /// What the daemon has used, in hundredths of a second.
    fileprivate func processorTicks() throws -> Int {
        let fields = try run(["cat", "/proc/\(daemonPID())/stat"]).split(separator: " ")
        return try #require(fields.dropFirst(13).prefix(2).compactMap { Int($0) }.reduce(0, +) as Int?)
    }
}
