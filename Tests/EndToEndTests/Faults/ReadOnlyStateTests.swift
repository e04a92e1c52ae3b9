// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite("Fault: a state directory that cannot be written", .requiresRoot)
struct ReadOnlyStateTests {
    @Test("a daemon that starts says so and ends")
    func atStart() async throws {
        try await Machine.with(prepare: Machine.mountState) { machine in
            let task = try await machine.runAndWait(Machine.sleeper("kept", seconds: 1001))
            let address = try #require(task["attachments"][0].detail("privateIPv4Address"))
            try machine.endDaemon(SIGTERM)
            let directory = machine.stateDirectory.string
            // In its place: for as long as the tasks write their logs it cannot be made read-only itself.
            try machine.run(["mount", "-t", "tmpfs", "-o", "ro", "tmpfs", directory])
            let refused = try machine.attemptDaemon()
            #expect(refused.status == .exited(1))
            #expect(refused.errors.contains("\(directory): Read-only file system"), "\(refused.errors)")
            try machine.run(["ping", "-c", "1", "-W", "5", address])
            try machine.run(["umount", directory])
            try machine.startDaemon()
            try await machine.stop(try #require(task["taskArn"].text))
            try await machine.expectNothingLeft()
        }
    }

    /// What ext4 does when it meets an error (`errors=remount-ro`). It stays so until it is unmounted.
    @Test("one that becomes so while the daemon runs: tasks run on, reads go on, new work is refused", .requiresExt4)
    func whileRunning() async throws {
        try await Machine.with(prepare: Machine.mountExt4State) { machine in
            let kept = try await machine.runAndWait(Machine.sleeper("kept", seconds: 1001))
            _ = try await machine.runAndWait(Machine.sleeper("ending", seconds: 1002))
            let address = try #require(kept["attachments"][0].detail("privateIPv4Address"))
            let before = try machine.kernelState()
            try machine.failExt4State()
            let refused = try machine.tryToRun("kept")
            #expect(refused.status == 500 && refused.errorType == "ServerException", "\(refused)")
            #expect(
                refused.message.contains("dmesg") && refused.message.contains(machine.stateDirectory.string),
                "\(refused.message)")
            #expect(try machine.kernelState() == before, "what was refused has left something")
            #expect(try machine.describe(try #require(kept["taskArn"].text))["lastStatus"].text == "RUNNING")
            try machine.run(["ping", "-c", "1", "-W", "5", address])
            try machine.run(["pkill", "-f", "sleep 1002"])
            try await machine.waitForLog("task not recorded")
            #expect(try machine.call("ListTasks").status == 200)

            // The tasks' logs keep it from being mounted anew: until they end no daemon can start, and they go on.
            try machine.endDaemon(SIGTERM)
            #expect(try machine.attemptDaemon().errors.contains("Read-only file system"))
            try machine.run(["ping", "-c", "1", "-W", "5", address])
        }
    }
}

extension Trait where Self == ConditionTrait {
    /// The test mounts an ext4 file system from a file.
    fileprivate static var requiresExt4: Self {
        let isThere = access("/dev/loop-control", R_OK | W_OK) == 0 && access("/usr/sbin/mkfs.ext4", X_OK) == 0
        return requirement(unmet: isThere ? nil : "needs /dev/loop-control and mkfs.ext4")
    }
}

extension Machine {
    /// Starts a daemon that cannot.
    fileprivate func attemptDaemon() throws -> ProgramOutput {
        try attempt([try BuiltProduct.path("tasknetd").string, "--config", configurationPath.string])
    }

    private var image: String { host.directory.appending("state.img").string }

    fileprivate static func mountExt4State(of machine: Machine) throws {
        try machine.run(["mkdir", "-p", machine.stateDirectory.string])
        try machine.run(["truncate", "-s", "32M", machine.image])
        try machine.run(["/usr/sbin/mkfs.ext4", "-q", machine.image])
        try machine.mountImage()
    }

    private func mountImage() throws {
        try run(["mount", "-o", "loop,errors=remount-ro", image, stateDirectory.string])
    }

    fileprivate func failExt4State() throws {
        let device = try run(["findmnt", "-n", "-o", "SOURCE", stateDirectory.string])
        let name = try #require(device.split(whereSeparator: { "/\n".contains($0) }).last)
        try run(["bash", "-c", "echo test >/sys/fs/ext4/\(name)/trigger_fs_error"])
    }
}
