// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot, .serialized)
struct EnteredProgramTests {
    /// A process that is first in namespaces of its own.
    private func withProcess(_ body: (ProcessHandle, FilePath) throws -> Void) throws {
        try TestHost.with { host in
            let pipe = try PipeEnds()
            let unshare = Program(
                path: "/usr/bin/unshare",
                arguments: [
                    "unshare", "--net", "--ipc", "--uts", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                    "sh", "-c", "hostname entered && echo ready >&3 && exec sleep 1000 3>&-",
                ], environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin"],
                descriptors: [2: 2, 3: pipe.writing.withRaw { $0 }])
            let parent = try unshare.spawn()
            defer {
                _ = try? parent.signal(SIGKILL)
                _ = try? parent.reap()
            }
            let ready = try pipe.intoReading().read(upTo: 100, of: "pipe")
            try #require(String(decoding: ready, as: UTF8.self) == "ready\n")
            let children = try TextFile.read(FilePath("/proc/\(parent.pid)/task/\(parent.pid)/children"))
            let pid = try #require(children.split(separator: " ").first.flatMap { CInt($0) })
            try body(try ProcessHandle(pid: pid), host.directory)
        }
    }

    private func enter(
        _ script: String, in process: ProcessHandle, output: FilePath,
        namespaces: EnteredProgram.Namespaces = [.network, .ipc, .uts, .mount, .process],
        change: (inout EnteredProgram) -> Void = { _ in }
    ) throws -> (status: Linux.ExitStatus, output: String) {
        var program = EnteredProgram(
            namespaces: namespaces, arguments: ["sh", "-c", "exec >\(output); \(script)"],
            environment: ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "COLOUR=blue"])
        change(&program)
        let status = try program.run(in: process)
        return (status, (try? TextFile.read(output)) ?? "")
    }

    @Test func runsInAllOfTheNamespaces() throws {
        try withProcess { process, directory in
            let kinds = ["net", "ipc", "uts", "mnt", "pid"]
            let script =
                "hostname; echo $COLOUR; for kind in \(kinds.joined(separator: " ")); do "
                + "readlink /proc/self/ns/$kind; done"
            let result = try enter(script, in: process, output: directory.appending("out"))
            #expect(result.status == .exited(0))
            let expected = try kinds.map {
                try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process.pid)/ns/\($0)")
            }
            #expect(result.output.split(separator: "\n").map(String.init) == ["entered", "blue"] + expected)
            // And we are where we were.
            #expect(try run(["readlink", "/proc/self/ns/pid"]).output != expected[4] + "\n")
        }
    }

    @Test func entersOnlyWhatIsAsked() throws {
        try withProcess { process, directory in
            let result = try enter(
                "readlink /proc/self/ns/net; readlink /proc/self/ns/mnt", in: process,
                output: directory.appending("out"), namespaces: [.network])
            let lines = try ["\(process.pid)/ns/net", "self/ns/mnt"].map {
                try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)")
            }
            #expect(result.output.split(separator: "\n").map(String.init) == lines)
        }
    }

    @Test func tellsHowItEnded() throws {
        try withProcess { process, directory in
            let output = directory.appending("out")
            let exited = try enter("exit 7", in: process, output: output)
            #expect(exited.status == .exited(7))
            let killed = try enter("kill -KILL $$", in: process, output: output)
            #expect(killed.status == .signaled(SIGKILL))
        }
    }

    @Test func takesOnAnIdentity() throws {
        try withProcess { process, directory in
            let script = "id -u; id -g; id -G; grep -E 'Cap(Bnd|Eff)|NoNewPrivs' /proc/self/status | tr -d '\\t '; pwd"
            chmod(directory.string, 0o777)
            let other = try enter(script, in: process, output: directory.appending("other")) {
                $0.identity = .init(
                    user: 1234, group: 2345, groups: [7, 2345], capabilities: 1 << 10, noNewPrivileges: true)
                $0.workingDirectory = "/usr"
            }
            #expect(
                other.output.split(separator: "\n") == [
                    "1234", "2345", "2345 7", "CapEff:0000000000000000", "CapBnd:0000000000000400", "NoNewPrivs:1",
                    "/usr",
                ])
            let root = try enter(script, in: process, output: directory.appending("root")) {
                $0.identity = .init(user: 0, group: 0, capabilities: 1 << 10)
                $0.workingDirectory = "/nonexistent"
            }
            #expect(
                root.output.split(separator: "\n") == [
                    "0", "0", "0", "CapEff:0000000000000400", "CapBnd:0000000000000400", "NoNewPrivs:0", "/",
                ])
        }
    }

    @Test func saysWhatCannotBeRun() throws {
        try withProcess { process, directory in
            var program = EnteredProgram(
                namespaces: [.mount], arguments: ["no-such-program"], environment: ["PATH=/usr/bin"])
            #expect(throws: LinuxError("run", "no-such-program", .noSuchFileOrDirectory)) {
                try program.run(in: process)
            }
            program.arguments = ["/etc/passwd"]
            #expect(throws: LinuxError("run", "/etc/passwd", .permissionDenied)) { try program.run(in: process) }
            program.arguments = ["a\0b"]
            #expect(throws: LinuxError.self) { try program.run(in: process) }
            program.arguments = []
            #expect(throws: LinuxError.self) { try program.run(in: process) }
        }
    }

    @Test func aProcessThatIsGoneCannotBeEntered() throws {
        let child = try Program(path: "/bin/true", arguments: ["true"]).spawn()
        _ = try child.reap()
        let program = EnteredProgram(namespaces: [.network], arguments: ["true"], environment: [])
        let error = #expect(throws: LinuxError.self) { try program.run(in: child) }
        #expect(error?.errno == .noSuchProcess)
        #expect(error?.description == "enter the namespaces for true: No such process (ESRCH)")
    }

    @Test func signalsArePassedOn() throws {
        try withProcess { process, directory in
            // The program asks for the signal itself: it reaches it by way of the process that waits for it, us.
            let output = directory.appending("out")
            let status = try enter(
                "trap 'echo got it; exit 3' TERM; kill -TERM \(getpid()); while :; do sleep 0.01; done", in: process,
                output: output, namespaces: [.network])
            #expect(status.status == .exited(3))
            #expect(status.output == "got it")
        }
    }
}
