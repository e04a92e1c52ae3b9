// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import Pause
import SystemPackage
import TestSupport
import Testing

/// Commands in a running container, as health checks are.
@Suite(.requiresRoot, .serialized, .timeLimit(.minutes(2)))
struct ExecTests {
    /// With a container `main` that runs.
    private func withContainer(_ body: (PausedTask, PauseChild) async throws -> Void) async throws {
        try await PausedTask.with { (task) async throws in
            let image = try ImageRoot(in: task.host)
            let script = "echo in the container > /mark; echo ready; sleep 1000"
            let child = try await task.pause.start(image.launch(task.shell(script)))
            try await task.output()
            try await body(task, child)
        }
    }

    @Test func isInTheContainersNamespaces() async throws {
        try await withContainer { (task, main) async throws in
            let script = """
                cat /mark; readlink /proc/self/ns/mnt; readlink /proc/self/ns/pid; readlink /proc/self/ns/net
                until ps -o comm | grep -q sleep; do :; done; ps -o comm | grep sleep | wc -l; exit 3
                """
            let child = try await task.pause.execute(task.shell(script, name: "check"), in: "main")
            #expect(child.container == "main")
            #expect(child.name == "check")
            let (status, output) = try await task.finish("check")
            #expect(status == .exited(3))
            let namespaces = try ["mnt", "pid", "net"].map {
                try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(main.pid)/ns/\($0)") + "\n"
            }
            #expect(output == "in the container\n" + namespaces.joined() + "1\n")
            #expect(try await task.pause.status() == [main])
        }
    }

    @Test func hasItsOwnUserAndEnvironment() async throws {
        try await withContainer { (task, _) async throws in
            var command = task.shell(
                "id -u; echo $HOME $GREETING $HOSTNAME; pwd; grep ^CapEff /proc/self/status", name: "check")
            command.user = "web"
            command.environment = ["GREETING=hello"]
            command.workingDirectory = "/etc"
            try await task.pause.execute(command, in: "main")
            let output = try await task.finish("check").output
            #expect(output == "1001\n/home/web hello \(PausedTask.hostname)\n/etc\nCapEff:\t0000000000000000\n")
        }
    }

    @Test func killTakesItsWholeGroup() async throws {
        try await withContainer { (task, main) async throws in
            try await task.pause.execute(task.shell("sleep 77 & echo ready; sleep 78", name: "check"), in: "main")
            try await task.output(of: "check")
            try await task.pause.signal(SIGKILL, to: "check")
            #expect(try await task.finish("check").status == .signaled(SIGKILL))
            // The shell's end is told before the kernel is done with the others.
            let script = "while ps -o args | grep -q 'sleep 7[78]'; do :; done; echo none"
            try await task.pause.execute(task.shell(script, name: "check"), in: "main")
            #expect(try await task.finish("check").output == "none\n")
            #expect(try await task.pause.status() == [main])
        }
    }

    @Test func endsWithItsContainer() async throws {
        try await withContainer { (task, _) async throws in
            try await task.pause.execute(task.shell("sleep 1000", name: "check"), in: "main")
            try await task.pause.signal(SIGKILL, to: "main")
            #expect(try await task.exit(of: "check").exitStatus == .signaled(SIGKILL))
            #expect(try await task.exit(of: "main").exitStatus == .signaled(SIGKILL))
            await #expect(throws: PauseError("container \"main\": is not running", .noSuchProcess)) {
                try await task.pause.execute(task.shell("true", name: "late"), in: "main")
            }
        }
    }

    @Test func saysWhyItCannotRun() async throws {
        try await withContainer { (task, main) async throws in
            let open = try openDescriptors(of: task.pause.pid)
            var command = CommandLaunch(name: "check", arguments: ["nosuch"])
            await #expect(throws: PauseError("exec \"nosuch\": No such file or directory", .noSuchFileOrDirectory)) {
                try await task.pause.execute(command, in: "main")
            }
            command.workingDirectory = "/nonexistent"
            let error = PauseError(
                "working directory \"/nonexistent\": No such file or directory", .noSuchFileOrDirectory)
            await #expect(throws: error) { try await task.pause.execute(command, in: "main") }
            await #expect(throws: PauseError("container \"other\": is not running", .noSuchProcess)) {
                try await task.pause.execute(command, in: "other")
            }
            command.name = "main"
            await #expect(throws: PauseError("name \"main\": is taken", .fileExists)) {
                try await task.pause.execute(command, in: "main")
            }
            #expect(try await task.pause.status() == [main])
            #expect(try openDescriptors(of: task.pause.pid) == open)
        }
    }

    /// A container is born in a new pid namespace also after a command went into another one's.
    @Test func leavesThePauseProcessWhereItWas() async throws {
        try await withContainer { (task, _) async throws in
            try await task.pause.execute(task.shell("true", name: "check"), in: "main")
            _ = try await task.finish("check")
            let second = try await task.pause.start(
                ContainerLaunch(task.shell("sleep 1000", name: "second"), root: .host))
            let initProcess = ProcessTable.entry(second.pid).parent
            #expect(ProcessTable.entry(initProcess).parent == task.pause.pid)
            let line = try TextFile.read(FilePath("/proc/\(second.pid)/status")).split(separator: "\n")
                .first { $0.hasPrefix("NSpid:") }?.split(separator: "\t").last
            #expect(line == "2")
        }
    }

    @Test func resultsThatNobodyFetchesDoNotPileUp() async throws {
        try await withContainer { (task, _) async throws in
            for index in 0..<80 {
                try await task.pause.execute(CommandLaunch(name: "check\(index)", arguments: ["echo"]), in: "main")
                _ = try await task.exit(of: "check\(index)")
            }
            let names = try await task.pause.status().filter { $0.container != nil }.map(\.name)
            #expect(names == (16..<80).map { "check\($0)" })
        }
    }
}
