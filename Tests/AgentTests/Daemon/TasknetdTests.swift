// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Agent

/// A tasknetd of a test's own, killed with the test if it has not ended before.
private final class Daemon: @unchecked Sendable {
    let process = Process()
    let systemd: NotifySocket

    /// - Parameter umask: what it is started with, in octal.
    init(_ arguments: [String], umask: String = "022") throws {
        systemd = try NotifySocket("@tasknet-test-\(UUID().uuidString)")
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments =
            ["-c", "umask \(umask); exec \"$0\" \"$@\"", try BuiltProduct.path("tasknetd").string] + arguments
        process.environment = ["NOTIFY_SOCKET": systemd.address, "PATH": "/usr/bin:/bin"]
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    deinit {
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
    }

    func end(_ signal: Int32) -> Int32 {
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return process.terminationStatus
    }
}

@Suite("tasknetd, the program", .requiresRoot)
struct TasknetdTests {
    private let directory: TemporaryDirectory
    private let config: FilePath

    init() throws {
        directory = try TemporaryDirectory()
        config = directory.path.appending("tasknet.yaml")
        try write("mtu: 1400")
    }

    private func write(_ text: String) throws {
        let whole = """
            stateDirectory: \(directory.path)/state
            runtimeDirectory: \(directory.path)/run
            namespaceDirectory: \(directory.path)/netns
            controlSocket: {group: no-such-group-here}
            \(text)
            """
        try Data(whole.utf8).write(to: URL(filePath: config.string))
    }

    private func tasknetd(_ arguments: String...) throws -> ProgramOutput {
        try attempt([try BuiltProduct.path("tasknetd").string] + arguments)
    }

    private func call(_ operation: String, _ body: String) throws -> (status: Int, body: String) {
        let client = try UnixClient(connectingTo: directory.path.appending("run/tasknet.sock"))
        try client.send(UnixClient.post("AmazonEC2ContainerServiceV20141113.\(operation)", body))
        return try #require(client.readResponse())
    }

    @Test("What it writes is its own, whatever the umask")
    func modes() throws {
        let daemon = try Daemon(["--config", config.string], umask: "000")
        #expect(daemon.systemd.next() == "READY=1\nSTATUS=Ready")
        let state = directory.path.appending("state")
        func mode(_ path: FilePath) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: path.string)[.posixPermissions] as? Int
        }
        #expect(try mode(state) == 0o700)
        for file in ["tasknet.db", "tasknet.db-wal", "tasknet.db-shm", "tasknetd.lock"] {
            #expect(try mode(state.appending(file)) == 0o600, "\(file)")
        }
        #expect(daemon.end(SIGTERM) == 0)
    }

    @Test("A state that it cannot use ends it with a code after which systemd does not start it again")
    func unusableState() throws {
        let state = directory.path.appending("state")
        try FileManager.default.createDirectory(atPath: state.string, withIntermediateDirectories: true)
        try Data("not a database, but somebody's text".utf8).write(
            to: URL(filePath: state.appending("tasknet.db").string))
        let refused = try tasknetd("--config", config.string)
        #expect(refused.status == .exited(78))
        #expect(refused.errors.contains("is damaged (file is not a database) and was left as it is"))
    }

    @Test("A configuration is checked and printed with who gave each value")
    func checkConfig() throws {
        let good = try tasknetd("--config", config.string, "--check-config", "--control-socket", "/srv/s")
        #expect(good.status == .exited(0))
        #expect(good.output.contains("mtu: 1400  (\(config):5)\n"))
        #expect(good.output.contains("controlSocket.path: /srv/s  (command line)\n"))
        try write("mtuu: 1400")
        let bad = try tasknetd("--config", config.string, "--check-config")
        #expect(bad.status == .exited(78))
        #expect(bad.errors.contains("\(config):5: mtuu: is not a key of the configuration; did you mean mtu?"))
        #expect(try tasknetd("--config", "/nonexistent", "--check-config").status == .exited(78))
        #expect(try tasknetd("--no-such-option").status == .exited(64))
        #expect(try tasknetd("--version").output == "\(agentVersion)\n")
        #expect(!FileManager.default.fileExists(atPath: "\(directory.path)/state"))
    }

    @Test("Without the right to do its work it says so", .requiresProgram("setpriv"))
    func privileges() throws {
        let result = try attempt([
            "setpriv", "--bounding-set=-net_admin", "--inh-caps=-net_admin", try BuiltProduct.path("tasknetd").string,
            "--config", config.string,
        ])
        #expect(result.status == .exited(77))
        #expect(result.errors.contains("this process lacks CAP_NET_ADMIN"))
    }

    @Test("A reload that is asked for as soon as it is ready is not lost")
    func reloadAtOnce() throws {
        for _ in 0..<5 {
            let daemon = try Daemon(["--config", config.string])
            #expect(daemon.systemd.next() == "READY=1\nSTATUS=Ready")
            kill(daemon.process.processIdentifier, SIGHUP)
            #expect(daemon.systemd.next().hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
            #expect(daemon.systemd.next() == "READY=1\nSTATUS=Reloaded: nothing has changed")
            #expect(daemon.end(SIGTERM) == 0)
        }
    }

    @Test("It serves, reloads, is killed, goes on where it was, and ends as told")
    func life() throws {
        let first = try Daemon(["--config", config.string])
        #expect(first.systemd.next() == "READY=1\nSTATUS=Ready")
        let definition =
            #"{"family": "web", "containerDefinitions": [{"name": "a", "image": "busybox", "memory": 64}]}"#
        #expect(try call("RegisterTaskDefinition", definition).status == 200)

        try write("mtu: 1300")
        kill(first.process.processIdentifier, SIGHUP)
        #expect(first.systemd.next().hasPrefix("RELOADING=1\nMONOTONIC_USEC="))
        #expect(first.systemd.next() == "READY=1\nSTATUS=Reloaded: 1 changed")

        let second = try tasknetd("--config", config.string)
        #expect(second.status == .exited(75))
        #expect(second.errors.contains("is in use by the tasknetd with pid \(first.process.processIdentifier)"))

        #expect(first.end(SIGKILL) == SIGKILL)
        let next = try Daemon(["--config", config.string])
        #expect(next.systemd.next() == "READY=1\nSTATUS=Ready")
        let described = try call("DescribeTaskDefinition", #"{"taskDefinition": "web:1"}"#)
        #expect(described.body.contains("task-definition/web:1"))
        #expect(next.end(SIGTERM) == 0)
        #expect(next.systemd.next() == "STOPPING=1\nSTATUS=Stopping")
        #expect(!FileManager.default.fileExists(atPath: "\(directory.path)/run/tasknet.sock"))
    }
}
