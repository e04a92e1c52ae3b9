// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import Pause
import SystemPackage
import TestSupport
import Testing

/// A container that cannot be started says why, and leaves nothing.
@Suite(.requiresRoot, .serialized, .timeLimit(.minutes(2)))
struct LaunchFailureTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let errno: Errno
        var change: @Sendable (inout ContainerLaunch) -> Void

        init(_ text: String, _ errno: Errno, _ change: @escaping @Sendable (inout ContainerLaunch) -> Void) {
            self.text = text
            self.errno = errno
            self.change = change
        }

        var testDescription: String { text }
    }

    static let cases: [Case] = [
        Case("exec \"nosuch\": No such file or directory", .noSuchFileOrDirectory) {
            $0.command.arguments = ["nosuch"]
        },
        Case("exec \"/nosuch\": No such file or directory", .noSuchFileOrDirectory) {
            $0.command.arguments = ["/nosuch"]
        },
        Case("exec \"/etc/passwd\": Permission denied", .permissionDenied) {
            $0.command.arguments = ["/etc/passwd"]
        },
        Case("exec \"passwd\": Permission denied", .permissionDenied) {
            $0.command.arguments = ["passwd"]
            $0.command.environment = ["PATH=/nonexistent:/etc:/usr/share"]
        },
        Case("exec: the command's name is empty", .noSuchFileOrDirectory) { $0.command.arguments = [""] },
        Case("command: none given", .invalidArgument) { $0.command.arguments = [] },
        Case("root \"/nonexistent/root\": No such file or directory", .noSuchFileOrDirectory) {
            $0.root = .directory("/nonexistent/root")
        },
        Case("root \"/etc/passwd\": Not a directory", .notDirectory) { $0.root = .directory("/etc/passwd") },
        Case("specification \"root=here\": not an absolute path", .invalidArgument) { $0.root = .directory("here") },
        Case("upper \"/nonexistent/upper\": No such file or directory", .noSuchFileOrDirectory) {
            $0.root = .directory("/usr", layer: .init(upper: "/nonexistent/upper", work: "/nonexistent/work"))
        },
        Case("user \"nobodyhere\": not in the container's /etc/passwd", .noSuchFileOrDirectory) {
            $0.command.user = "nobodyhere"
        },
        Case("user \"root:nogrouphere\": the group is not in the container's /etc/group", .noSuchFileOrDirectory) {
            $0.command.user = "root:nogrouphere"
        },
        Case("user \"4294967295\": not in the container's /etc/passwd", .noSuchFileOrDirectory) {
            $0.command.user = "4294967295"
        },
        Case("log \"here.log\": not an absolute path", .invalidArgument) {
            $0.command.log = .jsonFile("here.log", maximumSize: 1 << 20, maximumFiles: 1)
        },
        Case("working directory \"/nonexistent\": No such file or directory", .noSuchFileOrDirectory) {
            $0.command.workingDirectory = "/nonexistent"
        },
        Case("specification \"directory=relative\": not an absolute path", .invalidArgument) {
            $0.command.workingDirectory = "relative"
        },
        Case("mount \"/nonexistent/source\": No such file or directory", .noSuchFileOrDirectory) {
            $0.mounts = [.init(.bind("/nonexistent/source"), at: "/mnt")]
        },
        Case("mount \"/nonexistent/target\": No such file or directory", .noSuchFileOrDirectory) {
            $0.mounts = [.init(.bind("/etc"), at: "/nonexistent/target")]
        },
        Case("mount \"/\": the root itself cannot be a mount point", .invalidArgument) {
            $0.mounts = [.init(.bind("/etc"), at: "/")]
        },
        Case("mount \"/etc/passwd\": Not a directory", .notDirectory) {
            $0.mounts = [.init(.bind("/etc"), at: "/etc/passwd")]
        },
        Case("mount \"/etc\": Is a directory", .isDirectory) {
            $0.mounts = [.init(.bind("/etc/passwd"), at: "/etc")]
        },
        Case("mount \"/nonexistent/hosts\": No such file or directory", .noSuchFileOrDirectory) {
            $0.hosts = "/nonexistent/hosts"
        },
        Case("ulimit \"nofile:2:1\": the soft limit is above the hard one", .invalidArgument) {
            $0.command.resourceLimits = [.init(name: "nofile", soft: 2, hard: 1)]
        },
        Case("ulimit \"files:1:1\": no limit of that name", .invalidArgument) {
            $0.command.resourceLimits = [.init(name: "files", soft: 1, hard: 1)]
        },
        Case("ulimit \"nofile:-7:1\": not a number", .invalidArgument) {
            $0.command.resourceLimits = [.init(name: "nofile", soft: -7, hard: 1)]
        },
        Case("log \"/nonexistent/log\": No such file or directory", .noSuchFileOrDirectory) {
            $0.command.log = .jsonFile("/nonexistent/log")
        },
        Case("log \"/dev/zero\": not a regular file", .invalidArgument) { $0.command.log = .jsonFile("/dev/zero") },
        Case("name: 1 to 255 bytes are needed", .invalidArgument) { $0.command.name = "" },
        Case("name: 1 to 255 bytes are needed", .invalidArgument) {
            $0.command.name = String(repeating: "n", count: 256)
        },
        Case("name: has control characters", .invalidArgument) { $0.command.name = "a\nb" },
        Case("\"arg=a\": a text for a container contains a NUL byte", .invalidArgument) {
            $0.command.arguments = ["a\0user=0"]
        },
        Case("start: the names and paths are too long", .messageTooLong) {
            $0.command.log = .jsonFile(FilePath("/" + String(repeating: "l", count: 5000)))
        },
        Case("the command and its environment are too long", .argListTooLong) {
            $0.command.environment = ["BIG=" + String(repeating: "x", count: 9_000_000)]
        },
        Case("exec \"/usr/bin/true\": Argument list too long", .argListTooLong) {
            $0.command.environment = ["PATH=/usr/bin", "BIG=" + String(repeating: "x", count: 1_000_000)]
        },
    ]

    @Test(arguments: cases) func saysWhy(_ failure: Case) async throws {
        try await PausedTask.with { (task) async throws in
            var launch = ContainerLaunch(CommandLaunch(name: "main", arguments: ["true"]), root: .host)
            failure.change(&launch)
            await #expect(throws: PauseError(failure.text, failure.errno)) { try await task.pause.start(launch) }
            #expect(try await task.pause.status().isEmpty)
            #expect(ProcessTable.all().filter { $0.network == task.network }.map(\.name) == ["tasknet-pause"])
            let open = try openDescriptors(of: task.pause.pid)
            #expect(open == 8, "a failed start leaves no descriptor open")
            // The name is free.
            #expect(try await task.run("exit 0").status == .exited(0))
        }
    }

    /// A bad program is told apart from a missing one.
    @Test func aFileThatIsNoProgram() async throws {
        try await PausedTask.with { (task) async throws in
            let path = task.host.directory.appending("noprogram")
            try install("no program\n", at: path)
            let launch = ContainerLaunch(CommandLaunch(name: "main", arguments: [path.string]), root: .host)
            await #expect(throws: PauseError("exec \"\(path)\": Exec format error", .execFormatError)) {
                try await task.pause.start(launch)
            }
        }
    }

    /// Without CAP_SYS_RESOURCE, as on many a small machine.
    @Test(.requiresProgram("setpriv")) func aLimitAboveTheMachinesOwn() async throws {
        try await TestHost.with { (host) async throws in
            let task = try await PausedTask.start(
                in: host,
                executable: try pauseScript(
                    in: host, "ulimit -n 500; exec setpriv --bounding-set -sys_resource --inh-caps -sys_resource"))
            var launch = task.shell("ulimit -Sn; ulimit -Hn")
            launch.resourceLimits = [.init(name: "nofile", soft: 400, hard: 501)]
            await #expect(
                throws: PauseError(
                    "ulimit \"nofile:400:501\": above the hard limit of this machine, which may not be raised",
                    .notPermitted)
            ) { try await task.pause.start(ContainerLaunch(launch, root: .host)) }
            launch.resourceLimits = [.init(name: "nofile", soft: 400, hard: 450)]
            #expect(try await task.run(ContainerLaunch(launch, root: .host)).output == "400\n450\n")
        }
    }
}
