// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import Pause
import SystemPackage
import TestSupport
import Testing

/// What a process is allowed, and who it is.
@Suite(.requiresRoot, .serialized, .timeLimit(.minutes(2)))
struct CommandTests {
    private func withImage(_ body: (PausedTask, ImageRoot) async throws -> Void) async throws {
        try await PausedTask.with { (task) async throws in
            try await body(task, try ImageRoot(in: task.host))
        }
    }

    @Test(
        arguments: [
            (nil, "0 0 0 root /root"), ("", "0 0 0 root /root"), ("0", "0 0 0 root /root"),
            ("root", "0 0 0 root /root"),
            ("web", "1001 1002 1002 1005 web /home/web"), ("1001", "1001 1002 1002 1005 web /home/web"),
            ("web:root", "1001 0 0 web /home/web"), ("web:1234", "1001 1234 1234 web /home/web"),
            ("odd", "1003 1004 1004 1005 1006 odd /"), ("odd:logs", "1003 1005 1005 odd /"),
            ("4321", "4321 0 0 - /"), ("4321:8765", "4321 8765 8765 - /"), (":web", "0 1002 1002 root /root"),
        ] as [(String?, String)]
    )
    func isWhoTheImageSays(user: String?, identity: String) async throws {
        try await withImage { (task, image) async throws in
            var command = task.shell(
                "echo $(id -u) $(id -g) $(id -G) $(id -un 2>/dev/null | grep -v '^[0-9]' || echo -) $HOME; echo > /dev/stdout"
            )
            command.user = user
            let (status, output) = try await task.run(image.launch(command))
            #expect(status == .exited(0))
            #expect(output == identity + "\n\n")
        }
    }

    private func capabilities(_ output: String) -> [String: UInt64] {
        let lines = output.split(separator: "\n").map { $0.split(separator: "\t") }
        return lines.reduce(into: [:]) { $0[String($1[0].dropLast())] = UInt64($1[1], radix: 16) }
    }

    @Test func hasDockersCapabilitiesWithoutMknodAndNoOthers() async throws {
        try await withImage { (task, image) async throws in
            let had =
                capabilities(
                    try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
                        .split(separator: "\n").filter { $0.hasPrefix("Cap") }.joined(separator: "\n"))["CapBnd"] ?? 0
            func run(_ user: String?, _ set: CapabilitySet, isPrivileged: Bool = false) async throws -> [String: UInt64]
            {
                var command = task.shell("grep ^Cap /proc/self/status")
                command.user = user
                command.capabilities = set
                command.isPrivileged = isPrivileged
                return capabilities(try await task.run(image.launch(command)).output)
            }
            let standard = CapabilitySet.standard.rawValue
            #expect(standard == 0xa804_25fb & ~(1 << 27), "Docker's default set without MKNOD")
            #expect(
                try await run(nil, .standard) == [
                    "CapInh": 0, "CapPrm": standard, "CapEff": standard, "CapBnd": standard, "CapAmb": 0,
                ])
            #expect(
                try await run("web", .standard) == [
                    "CapInh": 0, "CapPrm": 0, "CapEff": 0, "CapBnd": standard, "CapAmb": 0,
                ])
            #expect(try await run(nil, [])["CapPrm"] == 0)
            let more = try CapabilitySet(adding: ["NET_ADMIN", "CAP_SYS_RESOURCE"], dropping: ["CHOWN", "net_raw"])
            #expect(try await run(nil, more)["CapEff"] == (standard | 1 << 12 | 1 << 24) & ~(1 | 1 << 13) & had)
            #expect(try await run(nil, .standard, isPrivileged: true)["CapEff"] == had)
        }
    }

    @Test func capabilitiesByName() throws {
        #expect(try CapabilitySet(adding: [], dropping: []) == .standard)
        #expect(try CapabilitySet(adding: ["ALL"], dropping: []) == .all)
        #expect(try CapabilitySet(adding: [], dropping: ["ALL"]) == [])
        #expect(try CapabilitySet(adding: ["KILL"], dropping: ["ALL"]).rawValue == 1 << 5)
        #expect(try CapabilitySet(adding: ["ALL"], dropping: ["KILL"]).rawValue == ~(1 << 5))
        #expect(throws: PauseError("capability \"FLY\": there is none of that name", .invalidArgument)) {
            try CapabilitySet(adding: ["FLY"], dropping: [])
        }
    }

    /// Nothing but the capability stands between a container and the host's disks.
    @Test func makesDevicesOnlyWhereItIsAskedFor() async throws {
        try await withImage { (task, image) async throws in
            var command = task.shell("mknod /zero c 1 5 2>/dev/null && echo made || echo refused")
            #expect(try await task.run(image.launch(command)).output == "refused\n")
            command.capabilities = try CapabilitySet(adding: ["MKNOD"], dropping: [])
            #expect(try await task.run(image.launch(command)).output == "made\n")
        }
    }

    @Test func noNewPrivileges() async throws {
        try await withImage { (task, image) async throws in
            var command = task.shell("grep ^NoNewPrivs /proc/self/status")
            #expect(try await task.run(image.launch(command)).output == "NoNewPrivs:\t0\n")
            command.forbidsNewPrivileges = true
            #expect(try await task.run(image.launch(command)).output == "NoNewPrivs:\t1\n")
        }
    }

    /// The init has the pause process's memory and descriptors at its birth.
    @Test func theInitKeepsNothing() async throws {
        try await withImage { (task, image) async throws in
            let child = try await task.pause.start(image.launch(task.shell("sleep 1000")))
            let pid = ProcessTable.entry(child.pid).parent
            let status = try TextFile.read(FilePath("/proc/\(pid)/status"))
            for set in ["CapPrm", "CapEff", "CapBnd"] { #expect(status.contains("\(set):\t0000000000000020\n")) }
            #expect(status.contains("CapInh:\t0000000000000000\n"))
            #expect(try openDescriptors(of: pid) == 1)
        }
    }

    @Test func theInitIsOutOfReach() async throws {
        try await withImage { (task, image) async throws in
            let script = """
                for f in environ maps mem; do head -c 1 /proc/1/$f 2>/dev/null && echo "could read $f"; done
                for f in exe root cwd fd/3 fd/4 fd/5; do readlink /proc/1/$f && echo "could follow $f"; done
                echo done
                """
            let output = try await task.run(image.launch(task.shell(script))).output
            #expect(output == "done\n")
        }
    }

    @Test func limits() async throws {
        try await withImage { (task, image) async throws in
            var command = task.shell("grep -E '^Max (open files|core|processes|locked|stack)' /proc/self/limits")
            command.resourceLimits = [
                .init(name: "nofile", soft: 512, hard: 1024), .init(name: "core", soft: 0, hard: 0),
                .init(name: "nproc", soft: 1000, hard: 2000), .init(name: "memlock", soft: 4096, hard: 8192),
                .init(name: "stack", soft: 1 << 20, hard: -1),
            ]
            let output = try await task.run(image.launch(command)).output
            let rows = output.split(separator: "\n").map { line in
                line.split(separator: " ").filter { $0 == "unlimited" || $0.allSatisfy(\.isNumber) }.joined(
                    separator: " ")
            }
            #expect(rows == ["1048576 unlimited", "0 0", "1000 2000", "512 1024", "4096 8192"])
        }
    }

    @Test func theWorkingDirectoryIsMade() async throws {
        try await withImage { (task, image) async throws in
            var command = task.shell("pwd; stat -c '%a %u' .; umask")
            command.workingDirectory = "/srv/app/current"
            #expect(try await task.run(image.launch(command)).output == "/srv/app/current\n755 0\n0022\n")
            #expect(try !image.contents().contains("srv"))
        }
    }

    @Test func theCommandIsFoundByTheContainersOwnPath() async throws {
        try await withImage { (task, image) async throws in
            try install("#!/bin/sh\necho mine\n", at: image.path.appending("home/tool"))
            var command = CommandLaunch(name: "main", arguments: ["tool"], log: .jsonFile(task.logPath("main")))
            await #expect(throws: PauseError("exec \"tool\": No such file or directory", .noSuchFileOrDirectory)) {
                try await task.pause.start(image.launch(command))
            }
            command.environment = ["PATH=/nonexistent:/home:/bin"]
            #expect(try await task.run(image.launch(command)).output == "mine\n")
            command.environment = []
            command.workingDirectory = "/home"
            command.arguments = ["./tool"]
            #expect(try await task.run(image.launch(command)).output == "mine\n")
        }
    }
}
