// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import JSON
import Linux
import Pause
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import tasknet

/// `exec` and `logs` of the built program with a real pause process and real containers; only the daemon is a script.
@Suite("A task that runs", .requiresRoot, .serialized, .timeLimit(.minutes(2)))
struct RunningTaskTests {
    private static let id = SampleTasks.id("1f3c")

    /// A pause process and its containers where a daemon would have put them.
    private struct Fixture {
        var host: TestHost
        var pause: PauseConnection
        var namespace: NetworkNamespace
        var daemon: ScriptedDaemon

        func logPath(_ container: String) -> FilePath {
            let state = host.directory.appending("tasks").appending(RunningTaskTests.id)
            return state.appending("containers").appending(container).appending("\(container).log")
        }

        /// Starts a container with the host's root.
        @discardableResult
        func start(_ script: String, named name: String, user: String? = nil) async throws -> PauseChild {
            let path = logPath(name)
            try FileManager.default.createDirectory(
                atPath: path.removingLastComponent().string, withIntermediateDirectories: true)
            var command = CommandLaunch(name: name, arguments: ["sh", "-ec", script], log: .jsonFile(path))
            command.environment = ["COLOUR=blue", "NAME=\(name)"]
            command.user = user
            return try await pause.start(ContainerLaunch(command, root: .host))
        }
    }

    private final class Stopped: Sendable {
        let value = Mutex(false)
    }

    private func withTask(_ stopped: Stopped = Stopped(), _ body: (Fixture) async throws -> Void) async throws {
        try await TestHost.with { (host) async throws in
            let namespace = try host.makeNamespace(Self.id)
            let tasks = host.directory.appending("tasks").appending(Self.id)
            try FileManager.default.createDirectory(atPath: tasks.string, withIntermediateDirectories: true)
            let pause = try await PauseProcess.start(
                executable: try BuiltProduct.path("tasknet-pause"), socket: tasks.appending("pause.sock"),
                networkNamespace: host.namespacePath(Self.id), hostname: "web-1")
            let process = try ProcessHandle(pid: pause.pid)
            host.atEnd {
                try process.signal(SIGKILL)
                _ = try process.waitForExit()
            }
            let directory = host.directory.string
            let daemon = try ScriptedDaemon { try Self.answer($0, directory, stopped.value.withLock { $0 }) }
            defer { daemon.close() }
            try await body(Fixture(host: host, pause: pause, namespace: namespace, daemon: daemon))
        }
    }

    private static func answer(_ request: ScriptedDaemon.Request, _ directory: String, _ isStopped: Bool) throws
        -> String?
    {
        let status = isStopped ? "STOPPED" : "RUNNING"
        switch request.operation {
        case "ListTasks":
            return request.body["desiredStatus"] == "STOPPED" ? "{}" : #"{"taskArns":["\#(SampleTasks.arn(id))"]}"#
        case "DescribeTasks":
            let containers = ["app", "sidecar", "late"].map { #"{"name":"\#($0)","lastStatus":"\#(status)"}"# }
            return """
                {"tasks":[{"taskArn":"\(SampleTasks.arn(id))","lastStatus":"RUNNING",
                "containers":[\(containers.joined(separator: ","))]}]}
                """
        case "DescribeHost":
            return """
                {"stateDirectory":"\(directory)","runtimeDirectory":"\(directory)",
                "namespaceDirectory":"\(directory)/netns"}
                """
        default:
            return nil
        }
    }

    private func link(_ path: String) throws -> String {
        try FileManager.default.destinationOfSymbolicLink(atPath: path)
    }

    @Test("exec enters the task's namespaces, with this host's files")
    func execBesideContainers() async throws {
        try await withTask { task in
            let script = "hostname; for kind in net uts ipc mnt; do readlink /proc/self/ns/$kind; done; pwd; exit 7"
            let result = try task.daemon.tasknet("exec", "1f", "--", "sh", "-c", script)
            #expect(result.status == .exited(7) && result.errors == "")
            let expected =
                try ["net", "uts", "ipc"].map { try link("/proc/\(task.pause.pid)/ns/\($0)") }
                + [try link("/proc/self/ns/mnt"), FileManager.default.currentDirectoryPath]
            #expect(result.output.split(separator: "\n").map(String.init) == ["web-1"] + expected)
            #expect(expected[0] == "net:[\(task.namespace.identity.inode)]")
        }
    }

    @Test("exec runs in a container as the container does")
    func execInContainer() async throws {
        try await withTask { task in
            let child = try await task.start("cd /usr; exec sleep 1000", named: "app", user: "1234:2345")
            let script = """
                echo $COLOUR $NAME; id -u; id -g; pwd; grep CapBnd /proc/self/status | cut -f 2
                for kind in net mnt pid; do readlink /proc/self/ns/$kind; done
                """
            let result = try task.daemon.tasknet("exec", Self.id, "-c", "app", "--", "sh", "-c", script)
            #expect(result.status == .exited(0) && result.errors == "", "\(result)")
            let status = try TextFile.read(FilePath("/proc/\(child.pid)/status"))
            let bound = status.split(separator: "\n").first { $0.hasPrefix("CapBnd") }?.split(separator: "\t").last
            let namespaces = try ["net", "mnt", "pid"].map { try link("/proc/\(child.pid)/ns/\($0)") }
            #expect(
                result.output.split(separator: "\n").map(String.init)
                    == ["blue app", "1234", "2345", "/usr", bound.map(String.init) ?? "?"] + namespaces)
        }
    }

    @Test("exec ends as a shell would have it, and says what is not there")
    func execFailures() async throws {
        try await withTask { task in
            try await task.start("exec sleep 1000", named: "app")
            let exec = { (arguments: [String]) in
                try task.daemon.tasknet(["exec", "1f3c", "--container"] + arguments)
            }
            let killed = try exec(["app", "--", "sh", "-c", "kill -KILL $$"])
            #expect(killed.status == .exited(137))
            let missing = try exec(["app", "--", "no-such-program"])
            #expect(missing.status == .exited(127))
            #expect(missing.errors == "tasknet: there is no program no-such-program in container app\n")
            let unusable = try exec(["app", "--", "/etc/passwd"])
            #expect(unusable.status == .exited(126))
            #expect(unusable.errors == "tasknet: /etc/passwd cannot be run in container app: Permission denied\n")
            let unknown = try exec(["web", "--", "true"])
            #expect(unknown.status == .exited(2))
            #expect(unknown.errors == "tasknet: there is no container web; the task has: app, sidecar, late\n")
            let idle = try exec(["late", "--", "true"])
            #expect(idle.status == .exited(2) && idle.errors.contains("container late does not run"))
            try await task.pause.stop()
            let gone = try task.daemon.tasknet("exec", "1f3c", "--", "true")
            #expect(gone.status == .exited(2))
            #expect(gone.errors == "tasknet: task 1f3c00000000 is RUNNING and has no namespaces to enter\n")
        }
    }

    @Test("Nobody can write to the program that enters a container")
    func protection() async throws {
        try await withTask { task in
            try await task.start("exec sleep 1000", named: "app")
            let ready = try PipeEnds()
            let path = try BuiltProduct.path("tasknet")
            let script = "echo ready; exec sleep 1000"
            let program = Program(
                path: path,
                arguments: [
                    path.string, "--socket", task.daemon.socketPath, "exec", "1f3c", "-c", "app", "--", "sh", "-c",
                    script,
                ],
                descriptors: [1: ready.writing.withRaw { $0 }])
            let process = try program.spawn()
            #expect(try ready.intoReading().read(upTo: 100, of: "pipe") == Array("ready\n".utf8))
            // While it runs, writing is refused anyway (ETXTBSY); the mount refuses it afterwards too.
            var status = statvfs()
            #expect(statvfs("/proc/\(process.pid)/exe", &status) == 0)
            #expect(status.f_flag & UInt(ST_RDONLY) != 0)
            try process.signal(SIGTERM)
            #expect(try process.reap() == .exited(143))
        }
    }

    @Test("exec passes a terminal on")
    func terminal() async throws {
        try await withTask { task in
            try await task.start("exec sleep 1000", named: "app")
            let program = try BuiltProduct.path("tasknet").string
            // script(1) gives a terminal and ends with the command's exit code.
            let line =
                "\(program) --socket \(task.daemon.socketPath) exec -it 1f3c -c app -- sh -c 'test -t 0 && stty size; exit 5'"
            let result = try attempt(["script", "-qec", "stty rows 33 cols 77; \(line)", "/dev/null"])
            #expect(result.status == .exited(5))
            #expect(result.output.contains("33 77"), "\(result)")
        }
    }

    @Test("logs shows both outputs of all containers, and follows until they have stopped")
    func logs() async throws {
        let stopped = Stopped()
        try await withTask(stopped) { task in
            let events = task.pause.events
            try await task.start("echo one; echo two >&2; echo three", named: "app")
            try await task.start("echo four", named: "sidecar")
            var ended = 0
            for await event in events {
                if case .exited = event { ended += 1 }
                if ended == 2 { break }
            }
            let app = try task.daemon.tasknet("logs", "1f3c", "-c", "app")
            #expect(app.status == .exited(0) && app.output == "one\nthree\n" && app.errors == "two\n")
            // The two outputs are two pipes: which entry of app's is its last is not known.
            let all = try task.daemon.tasknet("logs", "1f3c", "--tail", "3")
            #expect(Set(all.output.split(separator: "\n")) == ["app     | one", "app     | three", "sidecar | four"])
            #expect(
                all.errors == "tasknet: no log of late: it has written nothing to a json-file log\napp     | two\n")
            let json = try task.daemon.tasknet("logs", "1f3c", "-c", "app", "--json", "--tail", "1").output
            #expect(try JSONParser.parse(Array(json.utf8))["container"] == "app")

            // The end is told while it follows; what is written last is shown all the same.
            let daemon = task.daemon
            let following = Task.detached { try daemon.tasknet("logs", "-f", "1f3c", "-c", "late") }
            try await task.start("for i in 1 2 3; do echo line $i; done", named: "late")
            for await event in events {
                if case .exited = event { break }
            }
            stopped.value.withLock { $0 = true }
            let followed = try await following.value
            #expect(followed.status == .exited(0) && followed.output == "line 1\nline 2\nline 3\n", "\(followed)")
        }
    }
}
