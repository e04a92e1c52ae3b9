// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage
import TestSupport
import Testing

@Suite("Fault: a full disk", .requiresRoot)
struct FullDiskTests {
    @Test("tasks run on, what ends does, new work is refused; with room again all goes on by itself")
    func full() async throws {
        try await Machine.with(prepare: Machine.mountState) { machine in
            let kept = try await machine.runAndWait(Machine.sleeper("kept", seconds: 1001))
            let ending = try await machine.runAndWait(Machine.sleeper("ending", seconds: 1002))
            let address = try #require(kept["attachments"][0].detail("privateIPv4Address"))
            let endingARN = try #require(ending["taskArn"].text)
            let free = try machine.freeAddresses()
            try machine.run(["ip", "netns", "add", "box"])
            let before = try machine.kernelState()

            try machine.fillState()
            try Self.expectRefusals(on: machine)
            #expect(try machine.kernelState() == before, "what was refused has left something")
            #expect(try machine.freeAddresses() == free)
            try machine.run(["ping", "-c", "1", "-W", "5", address])
            #expect(try machine.describe(try #require(kept["taskArn"].text))["lastStatus"].text == "RUNNING")

            // Its container ends, and with it its pause process, whether that can be written or not.
            try machine.run(["pkill", "-f", "sleep 1002"])
            try await machine.waitForLog("task not recorded")
            try await machine.wait("one pause process is left") {
                try machine.run(["pgrep", "-x", "tasknet-pause", "-r", "S"]).split(separator: "\n").count == 1
            }

            try machine.makeRoomInState()
            let stopped = try await machine.wait(for: endingARN, toBe: "STOPPED")
            #expect(stopped["stopCode"].text == "EssentialContainerExited")
            #expect(stopped.container("main")["exitCode"].integer == 128 + Int(SIGTERM))
            #expect(try machine.freeAddresses() == free + 1)
            #expect(try machine.daemonLog().contains("task recorded again"))
            let next = try await machine.runAndWait(Machine.sleeper("next", seconds: 1003))
            #expect(try machine.plugin("ADD", "box").succeeded)
            #expect(try machine.plugin("DEL", "box").succeeded)
            try machine.run(["ip", "netns", "delete", "box"])
            for task in [kept, next] { try await machine.stop(try #require(task["taskArn"].text)) }
            try await machine.expectNothingLeft()
        }
    }

    /// Each says what is full, and where.
    private static func expectRefusals(on machine: Machine) throws {
        let database = machine.stateDirectory.appending("tasknet.db").string
        let run = try machine.tryToRun("kept")
        #expect(run.status == 500 && run.errorType == "ServerException", "\(run)")
        #expect(run.message.contains("full") && run.message.contains(database), "\(run.message)")
        let registered = try machine.call("RegisterTaskDefinition", Machine.sleeper("refused", seconds: 1))
        #expect(registered.message.contains("full"), "\(registered)")
        let added = try machine.plugin("ADD", "box")
        #expect(!added.succeeded && added.output.contains("full") && added.output.contains(database), "\(added)")
    }
}
