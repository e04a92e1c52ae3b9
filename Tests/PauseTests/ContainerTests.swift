// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import Pause
import SystemPackage
import TestSupport
import Testing

/// The life of a container, in the host's own root.
@Suite(.requiresRoot, .serialized, .timeLimit(.minutes(2)))
struct ContainerTests {
    @Test func runsInTheTasksNamespaces() async throws {
        try await PausedTask.with { (task) async throws in
            let script = "hostname; readlink /proc/self/ns/net /proc/self/ns/ipc /proc/self/ns/uts"
            let (status, output) = try await task.run(script)
            #expect(status == .exited(0))
            let namespaces = try ["net", "ipc", "uts"].map {
                try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(task.pause.pid)/ns/\($0)")
            }
            #expect(output == ([PausedTask.hostname] + namespaces).joined(separator: "\n") + "\n")
        }
    }

    @Test func reportsTheMainProcessAsTheHostSeesIt() async throws {
        try await PausedTask.with { (task) async throws in
            let before = UInt64(Date().timeIntervalSince1970) * 1_000_000_000
            var launch = task.shell("")
            launch.arguments = ["sleep", "1000"]
            let child = try await task.pause.start(ContainerLaunch(launch, root: .host))
            #expect(child.name == "main")
            #expect(child.container == nil)
            #expect(child.state == .running)
            #expect(child.root == .host)
            // The program is in place when the start is answered; the kernel sets the process's name after that.
            let executable = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(child.pid)/exe")
            #expect(FilePath(executable).lastComponent == "sleep")
            #expect(try ProcessHandle(pid: child.pid).startTime == child.startTime)
            let times = [before, child.created, child.started ?? 0]
            #expect(times == times.sorted())
            #expect(child.finished == nil)
            #expect(try await task.pause.status() == [child])
            // Process 1 of the container is ours, its parent the pause process.
            let initProcess = ProcessTable.entry(ProcessTable.entry(child.pid).parent)
            #expect(initProcess.name == "tasknet-init")
            #expect(initProcess.parent == task.pause.pid)
            #expect(try TextFile.read(FilePath("/proc/\(initProcess.pid)/cmdline")).hasPrefix("tasknet-init\0"))

            try await task.pause.signal(SIGTERM, to: "main")
            let exited = try await task.exit(of: "main")
            #expect(exited.exitStatus == .signaled(SIGTERM))
            #expect(exited.exitStatus?.code == 143)
            #expect(exited.pid == child.pid)
            #expect((exited.finished ?? 0) >= (exited.started ?? .max))
        }
    }

    @Test(arguments: [0, 1, 7, 127, 255]) func keepsTheExitCode(_ code: Int) async throws {
        try await PausedTask.with { (task) async throws in
            #expect(try await task.run("exit \(code)").status == .exited(CInt(code)))
            #expect(try await task.pause.status().isEmpty)
        }
    }

    @Test func aSignalThatTheInitGetsIsHandedOn() async throws {
        try await PausedTask.with { (task) async throws in
            let script = "trap 'echo got it; exit 3' USR1; echo ready; while :; do sleep 0.01; done"
            let child = try await task.pause.start(ContainerLaunch(task.shell(script), root: .host))
            try await task.output()
            kill(ProcessTable.entry(child.pid).parent, SIGUSR1)
            let (status, output) = try await task.finish("main")
            #expect(status == .exited(3))
            #expect(output == "ready\ngot it\n")
        }
    }

    @Test func killTakesTheWholeTree() async throws {
        try await PausedTask.with { (task) async throws in
            let script = "setsid sleep 1000 & setsid sleep 1001 & trap '' TERM; echo ready; while :; do sleep 100; done"
            try await task.pause.start(ContainerLaunch(task.shell(script), root: .host))
            try await task.output()
            try await task.pause.signal(SIGKILL, to: "main")
            #expect(try await task.exit(of: "main").exitStatus == .signaled(SIGKILL))
            #expect(ProcessTable.all().filter { $0.network == task.network }.map(\.name) == ["tasknet-pause"])
        }
    }

    @Test func endsWithItsMainProcessWhateverElseRuns() async throws {
        try await PausedTask.with { (task) async throws in
            // The sleeper holds the log's pipe.
            let (status, output) = try await task.run("setsid sleep 1000 & echo done; exit 4")
            #expect(status == .exited(4))
            #expect(output == "done\n")
            #expect(ProcessTable.all().filter { $0.network == task.network }.map(\.name) == ["tasknet-pause"])
        }
    }

    @Test func orphansAreReaped() async throws {
        try await PausedTask.with { (task) async throws in
            let script = """
                for i in 1 2 3 4 5 6 7 8; do (setsid true &) ; done
                while grep -qs 'State:.[ZX]' /proc/[0-9]*/status || pgrep true > /dev/null; do :; done
                echo clean
                """
            #expect(try await task.run(script).output == "clean\n")
        }
    }

    @Test func startsWithAPlainProcess() async throws {
        // Whatever the daemon ignores, blocks or has open.
        try await PausedTask.with { (task) async throws in
            let script = """
                grep -E '^(SigBlk|SigIgn)' /proc/self/status
                umask
                readlink /proc/self/fd/{0..99} || true
                [ "$(cut -d' ' -f6 /proc/$$/stat)" = $$ ] && echo session
                env | grep -v -E '^(PWD|SHLVL|_|OLDPWD)=' | sort
                """
            var launch = task.shell(script)
            launch.arguments[0] = "bash"
            launch.environment = ["GREETING=hello world", "EMPTY=", "TRICKY=a=b\nc"]
            // readlink itself opens nothing, and a pipe to another program would be open in the shell, now and then.
            let output = try await task.run(ContainerLaunch(launch, root: .host)).output
                .replacing(#/pipe:\[[0-9]+\]/#, with: "pipe")
            let home = String(cString: getpwuid(0).pointee.pw_dir)
            #expect(
                output == """
                    SigBlk:\t0000000000000000
                    SigIgn:\t0000000000000000
                    0022
                    /dev/null
                    pipe
                    pipe
                    session
                    EMPTY=
                    GREETING=hello world
                    HOME=\(home)
                    HOSTNAME=\(PausedTask.hostname)
                    PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
                    TRICKY=a=b
                    c

                    """)
        }
    }

    @Test func theHostSeesNothingOfItsMounts() async throws {
        try await PausedTask.with { (task) async throws in
            let directory = task.host.directory.appending("target")
            mkdir(directory.string, 0o755)
            var launch = ContainerLaunch(
                task.shell("touch \(directory)/here; mount -t tmpfs none /tmp; ls /tmp"), root: .host)
            launch.command.isPrivileged = true
            launch.mounts = [.init(.tmpfs(size: 1 << 20), at: directory.string)]
            #expect(try await task.run(launch) == (.exited(0), ""))
            #expect(access(directory.appending("here").string, F_OK) != 0)
            #expect(try !TextFile.read("/proc/self/mountinfo").contains(directory.string))
        }
    }

    @Test func aNameIsTakenUntilItIsForgotten() async throws {
        try await PausedTask.with { (task) async throws in
            let launch = ContainerLaunch(task.shell("exit 1"), root: .host)
            try await task.pause.start(launch)
            await #expect(throws: PauseError("name \"main\": is taken", .fileExists)) {
                try await task.pause.start(launch)
            }
            _ = try await task.exit(of: "main")
            await #expect(throws: PauseError("name \"main\": is taken", .fileExists)) {
                try await task.pause.start(launch)
            }
            await #expect(throws: PauseError("signal \"main\": has ended", .noSuchProcess)) {
                try await task.pause.signal(SIGTERM, to: "main")
            }
            try await task.pause.forget("main")
            await #expect(throws: PauseError("name \"main\": no such container", .noSuchFileOrDirectory)) {
                try await task.pause.forget("main")
            }
            #expect(try await task.run("exit 2").status == .exited(2))
        }
    }

    @Test func aRunningOneIsNotForgotten() async throws {
        try await PausedTask.with { (task) async throws in
            try await task.pause.start(ContainerLaunch(task.shell("sleep 1000"), root: .host))
            await #expect(throws: PauseError("forget \"main\": has not ended", .resourceBusy)) {
                try await task.pause.forget("main")
            }
        }
    }

    /// Who comes back after a restart finds everything.
    @Test func endsAreKeptForWhoComesBack() async throws {
        try await PausedTask.with { (task) async throws in
            try await task.pause.start(ContainerLaunch(task.shell("exit 9", name: "first"), root: .host))
            _ = try await task.exit(of: "first")
            let running = try await task.pause.start(
                ContainerLaunch(task.shell("sleep 1000", name: "second"), root: .host))
            task.pause.close()
            await #expect(throws: PauseError.disconnected) { try await task.pause.status() }

            let again = try PauseConnection(to: task.socket)
            #expect(again.pid == task.pause.pid)
            let children = try await again.status()
            #expect(children.map(\.name) == ["first", "second"])
            #expect(children.first?.exitStatus == .exited(9))
            #expect(children.last == running)
            try await again.signal(SIGKILL, to: "second")
            for await event in again.events {
                guard case .exited(let child) = event else { continue }
                #expect(child.exitStatus == .signaled(SIGKILL))
                break
            }
            try await again.stop()
        }
    }

    @Test func otherConnectionsHearOfStartsAndFailures() async throws {
        try await PausedTask.with { (task) async throws in
            let other = try PauseConnection(to: task.socket)
            let child = try await task.pause.start(ContainerLaunch(task.shell("exit 5"), root: .host))
            let exited = try await task.exit(of: "main")
            var launch = task.shell("", name: "broken")
            launch.arguments = ["/nonexistent"]
            await #expect(throws: PauseError.self) { try await task.pause.start(ContainerLaunch(launch, root: .host)) }
            var events: [PauseEvent] = []
            for await event in other.events {
                events.append(event)
                if events.count == 3 { break }
            }
            let error = PauseError("exec \"/nonexistent\": No such file or directory", .noSuchFileOrDirectory)
            #expect(events == [.started(child), .exited(exited), .failed(name: "broken", error: error)])
            other.close()
        }
    }

    @Test func manyAtOnce() async throws {
        try await PausedTask.with { (task) async throws in
            let codes = try await withThrowingTaskGroup(of: (Int, CInt?).self) { group in
                for index in 0..<40 {
                    group.addTask { (index, try await task.run("exit \(index)", name: "c\(index)").status?.code) }
                }
                return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
            }
            #expect(codes == Dictionary(uniqueKeysWithValues: (0..<40).map { ($0, CInt($0)) }))
            #expect(try await task.pause.status().isEmpty)
        }
    }

    @Test func manyTasksNeedNoThreads() async throws {
        try await TestHost.with { (host) async throws in
            let threads = { try FileManager.default.contentsOfDirectory(atPath: "/proc/self/task").count }
            let first = try await PausedTask.start(in: host, name: "t0")
            #expect(try await first.pause.status().isEmpty)
            let before = try threads()
            var tasks: [PausedTask] = []
            var connections: [PauseConnection] = []
            for index in 1...20 {
                let task = try await PausedTask.start(in: host, name: "t\(index)")
                tasks.append(task)
                for _ in 0..<15 { connections.append(try PauseConnection(to: task.socket)) }
            }
            for task in tasks { #expect(try await task.pause.status().isEmpty) }
            for connection in connections { #expect(try await connection.status().isEmpty) }
            // Other tests have threads of their own, some dozens; here are 320 connections.
            #expect(try threads() < before + 100)
        }
    }
}
