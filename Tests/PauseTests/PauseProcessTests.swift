// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import Pause
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot, .serialized, .timeLimit(.minutes(2)))
struct PauseProcessTests {
    @Test func livesInTheTasksNamespaces() async throws {
        try await PausedTask.with { (task) async throws in
            let pid = task.pause.pid
            let network = try NetworkNamespace(path: task.host.namespacePath("task"))
            #expect(try NetworkNamespace(pid: pid).identity == network.identity)
            func namespace(_ pid: String, _ kind: String) throws -> String {
                try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/ns/\(kind)")
            }
            for kind in ["ipc", "uts"] { #expect(try namespace("\(pid)", kind) != namespace("self", kind)) }
            for kind in ["mnt", "pid", "user"] { #expect(try namespace("\(pid)", kind) == namespace("self", kind)) }
            let hostname = try run(["nsenter", "--uts=/proc/\(pid)/ns/uts", "uname", "-n"]).output
            #expect(hostname == "\(PausedTask.hostname)\n")
        }
    }

    @Test func standsAlone() async throws {
        // What the daemon has open, ignores and knows is not for it.
        setenv("TASKNET_TEST_SECRET", "hunter2", 1)
        try await PausedTask.with { (task) async throws in
            let pid = task.pause.pid
            // The connection has been accepted when it is answered.
            #expect(try await task.pause.status().isEmpty)
            let process = ProcessTable.entry(pid)
            #expect(process.name == "tasknet-pause")
            #expect(process.session == pid)
            #expect(process.parent != getpid())
            #expect(try TextFile.read(FilePath("/proc/\(pid)/environ")) == "")
            #expect(try TextFile.read(FilePath("/proc/\(pid)/cmdline")).contains(task.socket.string))
            let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").map {
                try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/fd/\($0)")
            }
            #expect(open.filter { $0 == "/dev/null" }.count == 4)
            // Its own pid namespace, the signal descriptor, the listening socket and this connection.
            #expect(open.filter { $0 != "/dev/null" }.count == 4, "\(open)")
            #expect(try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(pid)/cwd") == "/")
        }
    }

    @Test func saysWhoItIs() async throws {
        try await PausedTask.with { (task) async throws in
            let greeting = try await task.pause.hello()
            #expect(greeting.pid == task.pause.pid)
            #expect(greeting.hostname == PausedTask.hostname)
            #expect(greeting.version == PauseGreeting.ownVersion)
        }
    }

    @Test func whoHasWaitedLongEnoughMayGo() async throws {
        try await PausedTask.with { (task) async throws in
            let pause = try ProcessHandle(pid: task.pause.pid)
            try pause.signal(SIGSTOP)
            let waiting = Task { try await task.pause.status() }
            waiting.cancel()
            await #expect(throws: CancellationError.self) { try await waiting.value }
            try pause.signal(SIGCONT)
            #expect(try await task.pause.status().isEmpty)
        }
    }

    @Test func socketIsForItsOwnerOnly() async throws {
        try await PausedTask.with { (task) async throws in
            var status = stat()
            #expect(stat(task.socket.string, &status) == 0)
            #expect(status.st_mode == S_IFSOCK | 0o600)
        }
    }

    /// Who was handed the socket by a mistake in its mode is still turned away.
    @Test(.requiresProgram("python3")) func otherUsersAreTurnedAway() async throws {
        try await PausedTask.with { (task) async throws in
            chmod(task.host.directory.string, 0o755)
            chmod(task.socket.string, 0o666)
            let script = """
                import os, socket, sys
                os.setresuid(65534, 65534, 65534)
                s = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
                s.connect(sys.argv[1])
                try:
                    s.send(b"hello\\0request=1\\0")
                    print(len(s.recv(4096)))
                except (BrokenPipeError, ConnectionResetError):
                    print(0)
                """
            let output = try run(["python3", "-c", script, task.socket.string]).output
            #expect(output == "0\n")
            #expect(try await task.pause.status().isEmpty)
        }
    }

    @Test(arguments: [SIGTERM, SIGINT]) func endsOnSignal(_ signal: CInt) async throws {
        try await PausedTask.with { (task) async throws in
            let child = try await task.pause.start(ContainerLaunch(task.shell("sleep 1000 & sleep 1000"), root: .host))
            let container = try ProcessHandle(pid: child.pid)
            let pause = try ProcessHandle(pid: task.pause.pid)
            try pause.signal(signal)
            await pause.exited()
            #expect(!container.isAlive)
            #expect(access(task.socket.string, F_OK) != 0)
            await #expect(throws: PauseError.disconnected) { try await task.pause.status() }
            #expect(ProcessTable.all().filter { $0.network == task.network }.isEmpty)
        }
    }

    @Test func stopAnswersWhenAllIsOver() async throws {
        try await PausedTask.with { (task) async throws in
            let child = try await task.pause.start(
                ContainerLaunch(task.shell("trap '' TERM; sleep 1000"), root: .host))
            let container = try ProcessHandle(pid: child.pid)
            try await task.pause.stop()
            #expect(!container.isAlive)
            #expect(try await task.exit(of: "main").exitStatus == .signaled(SIGKILL))
            #expect(access(task.socket.string, F_OK) != 0)
            try await task.pause.stop()
        }
    }

    @Test func containersDoNotOutliveItsDeath() async throws {
        try await PausedTask.with { (task) async throws in
            let child = try await task.pause.start(ContainerLaunch(task.shell("sleep 1000"), root: .host))
            let container = try ProcessHandle(pid: child.pid)
            try ProcessHandle(pid: task.pause.pid).signal(SIGKILL)
            await container.exited()
            await #expect(throws: PauseError.disconnected) { try await task.exit(of: "main") }
            #expect(throws: LinuxError.self) { try PauseConnection(to: task.socket) }
        }
    }

    @Test func aStaleSocketIsReplacedAndAServedOneIsNot() async throws {
        try await TestHost.with { (host) async throws in
            let first = try await PausedTask.start(in: host)
            await #expect {
                _ = try await PauseProcess.start(
                    executable: try BuiltProduct.path("tasknet-pause"), socket: first.socket,
                    networkNamespace: host.namespacePath("task"), hostname: "x")
            } throws: { error in
                "\(error)".hasSuffix("\"\(first.socket)\": already served by another process")
            }
            let process = try ProcessHandle(pid: first.pause.pid)
            try process.signal(SIGKILL)
            await process.exited()
            let second = try await PauseProcess.start(
                executable: try BuiltProduct.path("tasknet-pause"), socket: first.socket,
                networkNamespace: host.namespacePath("task"), hostname: "x")
            #expect(second.pid != first.pause.pid)
            try await second.stop()
        }
    }

    @Test(
        arguments: [
            (
                "--netns", "/nonexistent/ns",
                "tasknet-pause: network namespace \"/nonexistent/ns\": No such file or directory"
            ),
            (
                "--netns", "/proc/self/ns/uts",
                "tasknet-pause: network namespace \"/proc/self/ns/uts\": Invalid argument"
            ),
            (
                "--socket", "/tmp/" + String(repeating: "x", count: 120),
                "tasknet-pause: control socket \"/tmp/\(String(repeating: "x", count: 120))\": File name too long"
            ),
            ("--socket", "", "tasknet-pause: control socket: Invalid argument"),
            (
                "--socket", "/nonexistent/s",
                "tasknet-pause: control socket \"/nonexistent/s\": No such file or directory"
            ),
            (
                "--hostname", String(repeating: "h", count: 65),
                "tasknet-pause: hostname \"\(String(repeating: "h", count: 65))\": Invalid argument"
            ),
        ]
    )
    func saysWhyItCannotStart(option: String, value: String, text: String) throws {
        try TestHost.with { host in
            var arguments = [
                "--socket": PausedTask.socketPath(in: host).string, "--netns": host.namespacePath("host").string,
                "--hostname": "x",
            ]
            arguments[option] = value
            let command = [try BuiltProduct.path("tasknet-pause").string] + arguments.flatMap { [$0.key, $0.value] }
            let result = try attempt(command)
            #expect(result.status == .exited(1))
            #expect(result.errors == text + "\n")
            #expect(access(PausedTask.socketPath(in: host).string, F_OK) != 0)
            let network = host.namespace.identity
            #expect(ProcessTable.all().filter { $0.network == network.inode }.isEmpty)
        }
    }

    @Test(arguments: [[], ["--socket", "/x"], ["--socket"], ["--nonsense", "x"], ["x"]])
    func saysHowItIsUsed(_ arguments: [String]) throws {
        let result = try attempt([BuiltProduct.path("tasknet-pause").string] + arguments)
        #expect(result.status == .exited(2))
        #expect(result.errors.contains("usage: tasknet-pause --socket PATH --netns PATH --hostname NAME\n"))
    }

    /// A container that is told to run /proc/self/exe has the host's program in its hands.
    @Test func theProgramCannotBeChangedThroughAContainer() async throws {
        try await PausedTask.with { (task) async throws in
            let child = try await task.pause.start(ContainerLaunch(task.shell("sleep 1000"), root: .host))
            let initProcess = ProcessTable.entry(child.pid).parent
            for pid in [task.pause.pid, initProcess] {
                let file = open("/proc/\(pid)/exe", O_WRONLY | O_TRUNC)
                let number = Errno(rawValue: errno)
                #expect(file < 0)
                // "Text file busy" would mean: as soon as the last pause process has ended.
                #expect(number == .readOnlyFileSystem)
                if file >= 0 { close(file) }
            }
        }
    }

    @Test func costsLessThanAMegabyte() async throws {
        try await PausedTask.with { (task) async throws in
            let names = (1...3).map { "container\($0)" }
            for name in names {
                try await task.pause.start(ContainerLaunch(task.shell("echo $$; sleep 1000", name: name), root: .host))
            }
            let pids = ProcessTable.all().filter { $0.network == task.network && $0.name.hasPrefix("tasknet-") }
            var sum = 0
            for process in pids {
                let rollup = try TextFile.read(FilePath("/proc/\(process.pid)/smaps_rollup"))
                let kibibytes = rollup.split(separator: "\n").filter { $0.hasPrefix("Private_") }
                    .compactMap { Int($0.split(separator: " ")[1]) }.reduce(0, +)
                print("\(process.name) \(process.pid): \(kibibytes) KiB of private memory")
                sum += kibibytes
            }
            print("a task with \(names.count) containers: \(sum) KiB of private memory for pause and inits")
            #expect(pids.count == 1 + names.count)
            #expect(sum < 1024)
        }
    }
}
