// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// A machine of a test's own: network, mount, pid, ipc and uts namespaces with a tmpfs on /run. A daemon and its tasks
/// run in it as they would on a host, `kill -9` included, and all of it dies with the machine's first process.
final class Machine: Sendable {
    let host: TestHost
    private let first: ProcessHandle
    /// The first process, as it is seen from outside.
    private let firstPID: CInt
    private let daemon = Mutex<ProcessHandle?>(nil)
    /// Where the daemon says that it is ready, again after a reload.
    private let notifications = Mutex<Notifications?>(nil)

    private final class Notifications: Sendable {
        let socket: NotifySocket

        init(_ socket: consuming NotifySocket) { self.socket = socket }
    }

    var stateDirectory: FilePath { host.directory.appending("state") }
    var configurationPath: FilePath { host.directory.appending("tasknet.yaml") }
    var logPath: FilePath { host.directory.appending("tasknetd.log") }
    var images: FilePath { host.directory.appending("images") }

    /// - Parameters:
    ///   - warmPool: the pool's settings. Without one, all links of a machine's host are its tasks'.
    ///   - prepare: what there is to do before the daemon starts.
    static func with<Result>(
        isolation: isolated (any Actor)? = #isolation, configuration: String = "", warmPool: String = "{minimum: 0}",
        prepare: (Machine) throws -> Void = { _ in }, _ body: (Machine) async throws -> Result
    ) async throws -> Result {
        try await TestHost.with { host in
            let machine = try Machine(host, configuration: "warmPool: \(warmPool)\n" + configuration)
            do {
                try prepare(machine)
                try machine.startDaemon()
                return try await body(machine)
            } catch {
                print(
                    "tasknetd said:\n\((try? String(contentsOfFile: machine.logPath.string, encoding: .utf8)) ?? "nothing")"
                )
                throw error
            }
        }
    }

    private init(_ host: TestHost, configuration: String) throws {
        self.host = host
        // The first process reaps what is orphaned, as an init does.
        let setUp = """
            mount -t tmpfs tmpfs /run && mkdir /run/netns && hostname machine && touch /run/machine \
            && exec bash -c 'while :; do sleep infinity & wait; done'
            """
        let program = Program(
            path: "/usr/bin/unshare",
            arguments: [
                "unshare", "--mount", "--pid", "--ipc", "--uts", "--fork", "--kill-child", "--mount-proc",
                "--propagation", "private", "bash", "-c", setUp,
            ], environment: Self.environment)
        let unshare = try host.namespace.enter { try program.spawn() }
        first = unshare
        host.atEnd {
            _ = try unshare.signal(SIGKILL)
            _ = try unshare.reap()
        }
        firstPID = try Self.waitForFirstProcess(of: unshare.pid)
        try Self.makeBusyboxRoot(at: host.directory.appending("images/busybox"))
        try Self.write(Self.defaultConfiguration(host) + configuration, to: host.directory.appending("tasknet.yaml"))
    }

    // MARK: - Commands

    /// Runs a program on the machine, however it ends.
    func attempt(_ command: [String]) throws -> ProgramOutput {
        try TestSupport.attempt(["nsenter", "--target", "\(firstPID)", "--all", "--"] + command)
    }

    /// Starts a program on the machine, with these standard descriptors. Whoever does has to reap it.
    func spawn(_ command: [String], descriptors: [CInt: CInt]) throws -> ProcessHandle {
        try Program(
            path: "/usr/bin/nsenter", arguments: ["nsenter", "--target", "\(firstPID)", "--all", "--"] + command,
            environment: Self.environment, descriptors: descriptors
        ).spawn()
    }

    /// Runs a program on the machine that has to succeed.
    @discardableResult
    func run(_ command: [String]) throws -> String {
        try TestSupport.run(["nsenter", "--target", "\(firstPID)", "--all", "--"] + command).output
    }

    func runJSON(_ command: [String]) throws -> JSON {
        let text = try run(command)
        return text.contains { !$0.isWhitespace } ? try JSON(parsing: text) : .list([])
    }

    /// Runs the command line against this machine's daemon.
    func tasknet(_ arguments: [String]) throws -> ProgramOutput {
        try attempt([try BuiltProduct.path("tasknet").string] + arguments)
    }

    /// What `tasknet ... --json` prints; it has to succeed.
    func tasknetJSON(_ arguments: [String]) throws -> JSON {
        try JSON(parsing: try run([try BuiltProduct.path("tasknet").string] + arguments + ["--json"]))
    }

    /// A file of the machine's, as it is seen from outside.
    func outside(_ path: String) -> FilePath { FilePath("/proc/\(firstPID)/root\(path)") }

    // MARK: - The daemon

    /// Starts the daemon and waits for its READY=1.
    /// - Parameters:
    ///   - faultPoint: where it is to die.
    ///   - starter: a program, with its first arguments, that starts the daemon in its own place.
    /// - Throws: `Errno.noSuchProcess` where it ends before it is ready.
    func startDaemon(
        _ arguments: [String] = [], dyingAt faultPoint: String? = nil, through starter: [String] = []
    ) throws {
        let notifications = Notifications(try NotifySocket(host.directory.appending("notify")))
        let log = try OwnedDescriptor.open(logPath, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
        let program = Program(
            path: "/usr/bin/nsenter",
            arguments: [
                "nsenter", "--target", "\(firstPID)", "--all", "--",
            ] + starter + [
                try BuiltProduct.path("tasknetd").string, "--config", configurationPath.string,
            ] + arguments,
            environment: Self.environment + ["NOTIFY_SOCKET=\(notifications.socket.path)"]
                + (faultPoint.map { ["TASKNET_FAULT_POINT=\($0)"] } ?? []),
            descriptors: log.withRaw { [1: $0, 2: $0] })
        let process = try program.spawn()
        daemon.withLock { $0 = process }
        try notifications.socket.wait(for: "READY=1", from: process)
        self.notifications.withLock { $0 = notifications }
    }

    /// Has the daemon read its configuration again, and waits until it has done what follows from it.
    func reloadDaemon() throws {
        guard let process = daemon.withLock({ $0 }) else { throw Errno.noSuchProcess }
        try signalDaemon(SIGHUP)
        try notifications.withLock { $0 }?.socket.wait(for: "READY=1", from: process)
    }

    /// Ends the daemon, and only it, by a signal.
    /// - Returns: how it ended.
    @discardableResult
    func endDaemon(_ signal: CInt) throws -> Linux.ExitStatus {
        guard let process = daemon.withLock({ $0.take() }) else { throw Errno.noSuchProcess }
        // nsenter waits for the daemon, which is its child because of the pid namespace.
        for child in try Self.children(of: process.pid) { kill(child, signal) }
        return try process.reap()
    }

    /// Waits until the daemon has ended by itself.
    /// - Returns: how; nil when it goes on.
    func daemonEnd(within seconds: Double = 60) async throws -> Linux.ExitStatus? {
        guard let process = daemon.withLock({ $0 }) else { throw Errno.noSuchProcess }
        let deadline = ContinuousClock.now.advanced(by: .seconds(seconds))
        while process.isAlive {
            if .now > deadline { return nil }
            try await Task.sleep(for: .milliseconds(10))
        }
        daemon.withLock { $0 = nil }
        return try process.reap()
    }

    var isDaemonAlive: Bool { daemon.withLock { $0?.isAlive ?? false } }

    func signalDaemon(_ signal: CInt) throws {
        guard let process = daemon.withLock({ $0 }) else { throw Errno.noSuchProcess }
        for child in try Self.children(of: process.pid) { kill(child, signal) }
        // nsenter stops with what it waits for, and does not go on with it.
        if signal == SIGCONT { kill(process.pid, signal) }
    }

    // MARK: - What is there

    /// The subnet of every machine's configuration.
    static let subnet = "subnet-0a400100180000000"

    /// Nothing of any task may be in the kernel or on the disk: no link, route, namespace, process, runtime file. The
    /// kernel removes a link some milliseconds after its namespace.
    func expectNothingLeft(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        try await wait("the links are gone") {
            try runJSON(["ip", "-j", "link"]).elements.allSatisfy { $0["ifname"].text == "lo" }
        }
        let routes = try runJSON(["ip", "-j", "route", "show", "table", "main"]).elements
        #expect(routes.allSatisfy { $0["type"].text == "unreachable" }, "\(routes)", sourceLocation: sourceLocation)
        #expect(try list("/run/netns").isEmpty, sourceLocation: sourceLocation)
        #expect(try list("/run/tasknet/tasks").isEmpty, sourceLocation: sourceLocation)
        // One that was killed is a zombie until the machine's first process has come to it.
        try await wait("the pause processes are gone") {
            try !run(["ps", "-eo", "stat=,comm="]).split(separator: "\n").contains {
                !$0.hasPrefix("Z") && $0.contains("tasknet-pause")
            }
        }
    }

    private func list(_ directory: String) throws -> [String] {
        try attempt(["ls", directory]).output.split(separator: "\n").map(String.init)
    }

    // MARK: - Set-up

    private static let environment = ["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C"]

    private static func defaultConfiguration(_ host: TestHost) -> String {
        """
        stateDirectory: \(host.directory)/state
        images:
          busybox: \(host.directory)/images/busybox
          unmade: /nowhere/at/all

        """
    }

    private static func write(_ text: String, to path: FilePath) throws {
        try text.write(toFile: path.string, atomically: true, encoding: .utf8)
    }

    func write(_ text: String, to name: String) throws -> FilePath {
        let path = host.directory.appending(name)
        try Self.write(text, to: path)
        return path
    }

    private static func makeBusyboxRoot(at root: FilePath) throws {
        for directory in ["bin", "etc", "proc", "sys", "dev", "tmp", "www"] {
            try FileManager.default.createDirectory(
                atPath: root.appending(directory).string, withIntermediateDirectories: true)
        }
        // By another process: a program that this one has open for writing cannot be run, nor while a child that another
        // test starts at this moment still has it open too.
        try TestSupport.run(["cp", "/bin/busybox", root.appending("bin/busybox").string])
        try TestSupport.run(["chroot", root.string, "/bin/busybox", "--install", "-s", "/bin"])
        try write(
            "root:x:0:0:root:/:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n", to: root.appending("etc/passwd"))
        try write("root:x:0:\nnogroup:x:65534:\n", to: root.appending("etc/group"))
        try write("hello from busybox\n", to: root.appending("www/index.html"))
    }

    private static func children(of pid: CInt) throws -> [CInt] {
        try TextFile.read(FilePath("/proc/\(pid)/task/\(pid)/children")).split(separator: " ").compactMap { CInt($0) }
    }

    /// The machine is up when its own /run says so.
    private static func waitForFirstProcess(of unshare: CInt) throws -> CInt {
        for _ in 0..<500 {
            if let child = try children(of: unshare).first, access("/proc/\(child)/root/run/machine", F_OK) == 0 {
                return child
            }
            usleep(10_000)
        }
        throw Errno.timedOut
    }
}
