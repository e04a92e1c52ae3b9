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
            try machine.run(["mount", "-o", "remount,ro", machine.stateDirectory.string])
            let refused = try machine.attempt([
                try BuiltProduct.path("tasknetd").string, "--config", machine.configurationPath.string,
            ])
            #expect(refused.status == .exited(1))
            #expect(refused.errors.contains(machine.stateDirectory.string), "\(refused.errors)")
            #expect(refused.errors.contains("Read-only file system"), "\(refused.errors)")
            try machine.run(["ping", "-c", "1", "-W", "5", address])

            try machine.run(["mount", "-o", "remount,rw", machine.stateDirectory.string])
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
            let ending = try await machine.runAndWait(Machine.sleeper("ending", seconds: 1002))
            let address = try #require(kept["attachments"][0].detail("privateIPv4Address"))
            let before = try machine.kernelState()
            try machine.failExt4State()
            let refused = try machine.tryToRun("kept")
            #expect(refused.status == 500 && refused.errorType == "ServerException", "\(refused)")
            #expect(
                refused.message.contains("read-only") && refused.message.contains(machine.stateDirectory.string),
                "\(refused.message)")
            #expect(try machine.kernelState() == before, "what was refused has left something")
            #expect(try machine.describe(try #require(kept["taskArn"].text))["lastStatus"].text == "RUNNING")
            try machine.run(["ping", "-c", "1", "-W", "5", address])
            try machine.run(["pkill", "-f", "sleep 1002"])
            try await machine.waitForLog("task not recorded")
            #expect(try machine.call("ListTasks").status == 200)

            // Repaired and mounted again, as after a reboot, with a new daemon.
            try machine.endDaemon(SIGTERM)
            try machine.run(["umount", "-l", machine.stateDirectory.string])
            try machine.repairExt4State()
            try machine.startDaemon()
            try await machine.wait(for: try #require(ending["taskArn"].text), toBe: "STOPPED")
            try await machine.stop(try #require(kept["taskArn"].text))
            try await machine.expectNothingLeft()
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

    fileprivate func repairExt4State() throws {
        // 1: there were errors, and they are mended.
        let checked = try attempt(["/usr/sbin/fsck.ext4", "-f", "-y", image])
        #expect(checked.status == .exited(0) || checked.status == .exited(1), "\(checked)")
        try mountImage()
    }
}
