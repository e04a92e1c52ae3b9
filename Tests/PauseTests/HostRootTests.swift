// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import Pause
import SystemPackage
import TestSupport
import Testing

/// The host's own root file system as a container's.
@Suite(.requiresRoot, .serialized, .timeLimit(.minutes(2)))
struct HostRootTests {
    /// A pause process on a host with an /etc of its own.
    private func withEtc(
        _ prepare: (FilePath) throws -> Void, _ body: (PausedTask) async throws -> Void
    ) async throws {
        try await TestHost.with { (host) async throws in
            let etc = host.directory.appending("etc")
            mkdir(etc.string, 0o755)
            for name in ["passwd", "group"] {
                try FileManager.default.copyItem(atPath: "/etc/\(name)", toPath: etc.appending(name).string)
            }
            try prepare(etc)
            let script = """
                [ -n "$TEST_ETC" ] || TEST_ETC=1 exec unshare --mount --propagation private "$0" "$@"
                mount --bind \(etc) /etc
                exec
                """
            try await body(PausedTask.start(in: host, executable: try pauseScript(in: host, script)))
        }
    }

    @Test func theTasksFilesCoverTheHosts() async throws {
        try await withEtc { etc in
            for name in ["hosts", "resolv.conf", "hostname"] {
                try "host\n".write(toFile: etc.appending(name).string, atomically: false, encoding: .utf8)
            }
        } _: { (task) async throws in
            let script = "cat /etc/hosts /etc/resolv.conf /etc/hostname; touch /etc/made"
            let launch = try task.withTaskFiles(ContainerLaunch(task.shell(script), root: .host))
            #expect(try await task.run(launch).output == "hosts file\nresolv file\nhostname file\n")
            // It is the host's own.
            let etc = task.host.directory.appending("etc")
            #expect(access(etc.appending("made").string, F_OK) == 0)
            #expect(try String(contentsOfFile: etc.appending("hosts").string, encoding: .utf8) == "host\n")
        }
    }

    @Test func missingFilesAndDanglingLinksAreNoHindrance() async throws {
        try await withEtc { etc in
            symlink("../nonexistent/systemd/resolve/stub-resolv.conf", etc.appending("resolv.conf").string)
        } _: { (task) async throws in
            let script = "cat /etc/hosts /etc/resolv.conf /etc/hostname"
            let launch = try task.withTaskFiles(ContainerLaunch(task.shell(script), root: .host))
            #expect(try await task.run(launch).output == "hosts file\nresolv file\nhostname file\n")
            let etc = task.host.directory.appending("etc")
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: etc.string).sorted() == [
                    "group", "passwd", "resolv.conf",
                ])
        }
    }

    @Test func aDanglingLinkAloneIsCoveredInPlace() async throws {
        try await withEtc { etc in
            symlink("/nonexistent/stub-resolv.conf", etc.appending("resolv.conf").string)
            for name in ["hosts", "hostname"] {
                try "host\n".write(toFile: etc.appending(name).string, atomically: false, encoding: .utf8)
            }
        } _: { (task) async throws in
            let script = "cat /etc/hosts /etc/resolv.conf /etc/hostname; touch /etc/made"
            let launch = try task.withTaskFiles(ContainerLaunch(task.shell(script), root: .host))
            #expect(try await task.run(launch).output == "hosts file\nresolv file\nhostname file\n")
            #expect(access(task.host.directory.appending("etc/made").string, F_OK) == 0)
        }
    }

    @Test func readOnlyIsAllOfIt() async throws {
        try await PausedTask.with { (task) async throws in
            let directory = task.host.directory
            var launch = ContainerLaunch(
                task.shell(
                    "exec 2> /dev/null; ! touch \(directory)/x && ! touch /tmp/x && echo fine > /dev/null; echo ok"),
                root: .host)
            launch.hasReadOnlyRoot = true
            let (status, output) = try await task.run(launch)
            #expect(status == .exited(0))
            #expect(output == "ok\n")
            #expect(access(directory.appending("x").string, F_OK) != 0)
        }
    }

    /// A host that is unmounted from must not be held up by a container.
    @Test func whatTheHostUnmountsIsGoneInTheContainerToo() async throws {
        try await TestHost.with { (host) async throws in
            let shared = host.directory.appending("shared")
            mkdir(shared.string, 0o755)
            try run(["mount", "-t", "tmpfs", "none", shared.string])
            try run(["mount", "--make-shared", shared.string])
            let disk = shared.appending("disk")
            mkdir(disk.string, 0o755)
            try run(["mount", "-t", "tmpfs", "none", disk.string])
            let task = try await PausedTask.start(in: host)
            let script =
                "grep -q \(disk) /proc/self/mountinfo; echo there; while grep -q \(disk) /proc/self/mountinfo; do :; done"
            let other = shared.appending("other")
            mkdir(other.string, 0o755)
            var launch = ContainerLaunch(task.shell(script), root: .host)
            launch.mounts = [.init(.tmpfs(size: 1 << 20), at: other.string)]
            try await task.pause.start(launch)
            try await task.output()
            // And nothing comes the other way.
            #expect(try !TextFile.read("/proc/self/mountinfo").contains(other.string))
            try run(["umount", disk.string])
            #expect(try await task.finish("main").status == .exited(0))
        }
    }
}
