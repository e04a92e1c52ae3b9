// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import Pause
import Synchronization
import SystemPackage
import TestSupport
import Testing

/// A task without a daemon: a namespace of its own and the real program in it.
final class PausedTask: Sendable {
    let host: TestHost
    let name: String
    let pause: PauseConnection
    /// What the pause process told so far.
    private let events: EventLog

    private init(host: TestHost, name: String, pause: PauseConnection) {
        self.host = host
        self.name = name
        self.pause = pause
        events = EventLog(pause)
    }

    static let hostname = "web-1.example.internal"

    /// Starts one in `host`; it is gone at the host's end.
    ///
    /// - Parameter executable: a program or script that ends as tasknet-pause; nil is that itself.
    static func start(in host: TestHost, name: String = "task", executable: FilePath? = nil) async throws -> PausedTask
    {
        sweepOnce
        _ = try host.makeNamespace(name)
        let pause = try await PauseProcess.start(
            executable: try executable ?? BuiltProduct.path("tasknet-pause"),
            socket: socketPath(in: host, name), networkNamespace: host.namespacePath(name), hostname: hostname)
        let process = try ProcessHandle(pid: pause.pid)
        host.atEnd {
            try process.signal(SIGKILL)
            _ = try process.waitForExit()
        }
        return PausedTask(host: host, name: name, pause: pause)
    }

    /// Once per process: what runs that were killed have left. Their directories are gone already.
    private static let sweepOnce: Void = {
        for process in ProcessTable.all() where process.name == "tasknet-pause" {
            let command = (try? TextFile.read(FilePath("/proc/\(process.pid)/cmdline"))) ?? ""
            guard let socket = command.split(separator: "\0").first(where: { $0.contains("/tasknet-test.") }) else {
                continue
            }
            let directory = FilePath(String(socket)).removingLastComponent()
            if access(directory.string, F_OK) != 0 { kill(process.pid, SIGKILL) }
        }
    }()

    /// Runs a test with a task of its own.
    static func with(
        isolation: isolated (any Actor)? = #isolation, _ body: (PausedTask) async throws -> Void
    ) async throws {
        try await TestHost.with { (host) async throws in
            try await body(start(in: host))
        }
    }

    static func socketPath(in host: TestHost, _ name: String = "task") -> FilePath {
        host.directory.appending("\(name).sock")
    }

    var socket: FilePath { Self.socketPath(in: host, name) }

    func logPath(_ container: String) -> FilePath { host.directory.appending("\(container).log") }

    /// A shell's command line as a container's, with a log.
    func shell(_ script: String, name: String = "main") -> CommandLaunch {
        CommandLaunch(name: name, arguments: ["sh", "-ec", script], log: .jsonFile(logPath(name)))
    }

    /// Starts a container, waits for its end, and gives what it wrote.
    func run(_ launch: ContainerLaunch) async throws -> (status: Linux.ExitStatus?, output: String) {
        try await pause.start(launch)
        return try await finish(launch.command.name)
    }

    /// The same with a shell script in the host's root.
    func run(_ script: String, name: String = "main") async throws -> (status: Linux.ExitStatus?, output: String) {
        try await run(ContainerLaunch(shell(script, name: name), root: .host))
    }

    /// Waits for the end of what was started, takes its log away, and makes its name free again.
    func finish(_ name: String) async throws -> (status: Linux.ExitStatus?, output: String) {
        let child = try await exit(of: name)
        try await pause.forget(name)
        let text = try logText(name)
        unlink(logPath(name).string)
        return (child.exitStatus, text)
    }

    /// A file on the host, in this task's directory.
    func file(_ name: String, _ text: String) throws -> FilePath {
        let path = host.directory.appending(name)
        try text.write(toFile: path.string, atomically: false, encoding: .utf8)
        return path
    }

    /// With hosts, resolv.conf and hostname that say `hosts file` and so on.
    func withTaskFiles(_ launch: ContainerLaunch) throws -> ContainerLaunch {
        var launch = launch
        launch.hosts = try file("hosts", "hosts file\n")
        launch.resolvConf = try file("resolv.conf", "resolv file\n")
        launch.hostname = try file("hostname", "hostname file\n")
        return launch
    }

    /// Waits until a container has written something.
    func output(of name: String = "main") async throws {
        while try logText(name).isEmpty { try await Task.sleep(for: .milliseconds(1)) }
    }

    func exit(of name: String) async throws -> PauseChild {
        try await events.exit(of: name)
    }

    func logText(_ name: String) throws -> String {
        try log(name).map(\.log).joined()
    }

    func log(_ name: String, suffix: String = "") throws -> [LogLine] {
        let data = try Data(contentsOf: URL(filePath: logPath(name).string + suffix))
        return try data.split(separator: UInt8(ascii: "\n")).map { try JSONDecoder().decode(LogLine.self, from: $0) }
    }
}

/// A line of a container's log.
struct LogLine: Decodable, Hashable {
    let log: String
    let stream: String
    let time: String
}

/// The events of a connection, for who comes late too.
private final class EventLog: Sendable {
    private struct State {
        var exits: [PauseChild] = []
        var waiting: [(name: String, continuation: CheckedContinuation<PauseChild, any Error>)] = []
        var isOver = false
    }

    private let state = Mutex(State())

    init(_ pause: PauseConnection) {
        let events = pause.events
        Task { [weak self] in
            for await event in events {
                if case .exited(let child) = event { self?.take(child) }
            }
            self?.end()
        }
    }

    /// The next end of this name that nobody has asked for yet.
    func exit(of name: String) async throws -> PauseChild {
        try await withCheckedThrowingContinuation { continuation in
            let known: Result<PauseChild, any Error>? = state.withLock { state in
                if let index = state.exits.firstIndex(where: { $0.name == name }) {
                    return .success(state.exits.remove(at: index))
                }
                if state.isOver { return .failure(PauseError.disconnected) }
                state.waiting.append((name, continuation))
                return nil
            }
            if let known { continuation.resume(with: known) }
        }
    }

    private func take(_ child: PauseChild) {
        let continuation: CheckedContinuation<PauseChild, any Error>? = state.withLock { state in
            if let index = state.waiting.firstIndex(where: { $0.name == child.name }) {
                return state.waiting.remove(at: index).continuation
            }
            state.exits.append(child)
            return nil
        }
        continuation?.resume(returning: child)
    }

    private func end() {
        let waiting = state.withLock { state in
            state.isOver = true
            defer { state.waiting = [] }
            return state.waiting
        }
        for entry in waiting { entry.continuation.resume(throwing: PauseError.disconnected) }
    }
}

/// Makes a program of a text. Not written by this process: what another thread is just starting would have the file open
/// for writing for a moment, and it would be busy.
func install(_ text: String, at path: FilePath) throws {
    try text.write(toFile: "\(path).text", atomically: false, encoding: .utf8)
    try run(["install", "-m", "755", "\(path).text", path.string])
}

/// A script that prepares something and ends as tasknet-pause, in place of the program itself.
///
/// - Parameter preparation: what comes before the program's path on the last line, and lines before that.
func pauseScript(in host: TestHost, _ preparation: String) throws -> FilePath {
    let path = host.directory.appending("pause-script")
    let program = try BuiltProduct.path("tasknet-pause")
    let text = "#!/bin/bash\nset -e\nexport PATH=/usr/sbin:/usr/bin:/sbin:/bin\n\(preparation) \(program) \"$@\"\n"
    try install(text, at: path)
    return path
}

func openDescriptors(of pid: CInt) throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count
}
