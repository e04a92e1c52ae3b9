// SPDX-License-Identifier: Apache-2.0
import CLinux
import Foundation
import Glibc
import Linux
import Pause
import SystemPackage
import TestSupport
import Testing

/// What no client of ours sends. Whatever it is, the pause process goes on.
@Suite(.requiresRoot, .serialized, .timeLimit(.minutes(3)))
struct FuzzTests {
    /// A connection that sends anything.
    private final class RawClient {
        let raw = tasknet_seqpacket_socket()

        init(_ path: FilePath) throws {
            guard tasknet_seqpacket_connect(raw, path.string) == 0 else {
                throw LinuxError("connect", path.string, Errno(rawValue: errno))
            }
        }

        deinit { close(raw) }

        func send(_ bytes: [UInt8], _ descriptor: CInt = -1) {
            _ = tasknet_seqpacket_send(raw, bytes, bytes.count, descriptor)
            // Answers are not left to pile up.
            var buffer = [UInt8](repeating: 0, count: 8192)
            var received: CInt = -1
            var flags: CInt = 0
            while tasknet_seqpacket_receive(raw, &buffer, buffer.count, &received, &flags) > 0 {}
        }
    }

    private static let verbs = ["hello", "start", "exec", "signal", "status", "forget", "nonsense", ""]
    private static let keys = [
        "request", "name", "container", "log", "log-size", "log-files", "signal", "text", "", "state", "x",
    ]
    private static let values = [
        "", "a", "main", "/", "/dev/null", "/nonexistent/x", "none", "0", "1", "9", "15", "64", "65", "-1",
        "99999999999999999999",
        "18446744073709551615", "18446744073709551616", "0x10", "1e9", "main\n", "\u{7f}", "ä€😀",
        String(repeating: "n", count: 256), String(repeating: "7", count: 3000),
    ]

    private func randomMessage(_ random: inout some RandomNumberGenerator) -> [UInt8] {
        switch Int.random(in: 0..<10, using: &random) {
        case 0:
            return (0..<Int.random(in: 1..<5000, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
        case 1: return Array("start\0name=a".utf8)
        default:
            var fields = [Self.verbs.randomElement(using: &random) ?? ""]
            for _ in 0..<Int.random(in: 0..<6, using: &random) {
                let key = Self.keys.randomElement(using: &random) ?? ""
                let value = Self.values.randomElement(using: &random) ?? ""
                fields.append(Bool.random(using: &random) ? "\(key)=\(value)" : key + value)
            }
            var bytes: [UInt8] = fields.reduce(into: []) { $0 += Array($1.utf8) + [0] }
            if Int.random(in: 0..<8, using: &random) == 0 { bytes.removeLast() }
            return bytes
        }
    }

    @Test func randomMessages() async throws {
        try await PausedTask.with { (task) async throws in
            let sleeper = ContainerLaunch(task.shell("sleep 1000"), root: .host)
            let main = try await task.pause.start(sleeper)
            let open = try openDescriptors(of: task.pause.pid)
            var random = SystemRandomNumberGenerator()
            let null = Glibc.open("/dev/null", O_RDWR | O_CLOEXEC)
            defer { close(null) }
            for round in 0..<40 {
                let client = try RawClient(task.socket)
                for _ in 0..<50 {
                    var message = randomMessage(&random)
                    // It may hit anything but the only container.
                    if message.starts(with: Array("signal\0".utf8)) { message[0] = UInt8(ascii: "t") }
                    client.send(message, round % 2 == 0 ? null : -1)
                }
            }
            // All that the fuzz started has failed, and this connection is not disturbed.
            while try await task.pause.status() != [main] { try await Task.sleep(for: .milliseconds(1)) }
            while try openDescriptors(of: task.pause.pid) != open { try await Task.sleep(for: .milliseconds(1)) }
        }
    }

    @Test func randomSpecifications() async throws {
        let keys = [
            "arg", "env", "directory", "user", "capabilities", "privileged", "no-new-privileges", "rlimit", "root",
            "upper", "work", "readonly", "hosts", "resolv-conf", "hostname", "bind", "bind-readonly", "tmpfs", "at",
            "shm-size", "nonsense", "",
        ]
        try await PausedTask.with { (task) async throws in
            let values = [
                "", "true", "/", "/proc", "/dev", "/etc/passwd", "\(task.host.directory)/x", "0", "1", "-1", "fffffff",
                "ffffffffffffffffff", "0:0", "a:b:c", ":", "::", ":::", "nofile:1:1", "nofile:-1:-1", "core:0:0", "a=b",
                "=", "18446744073709551615", "ä", "\u{1}", String(repeating: "/x", count: 3000),
            ]
            var random = SystemRandomNumberGenerator()
            let client = try RawClient(task.socket)
            for number in 0..<300 {
                var bytes: [UInt8] = []
                if Bool.random(using: &random) { bytes += Array("arg=true\0root=\(task.host.directory)\0".utf8) }
                for _ in 0..<Int.random(in: 0..<12, using: &random) {
                    bytes += Array("\(keys.randomElement(using: &random) ?? "")=".utf8)
                    bytes += Array("\(values.randomElement(using: &random) ?? "")\0".utf8)
                }
                if Int.random(in: 0..<5, using: &random) == 0 {
                    bytes += (0..<100).map { _ in UInt8.random(in: 0...255, using: &random) }
                }
                let memory = tasknet_sealed_memory("fuzz", bytes, bytes.count)
                defer { close(memory) }
                client.send(Array("start\0name=fuzz\(number)\0request=\(number)\0".utf8), memory)
            }
            while true {
                let children = try await task.pause.status()
                if children.allSatisfy({ $0.exitStatus != nil }) { break }
                try await Task.sleep(for: .milliseconds(1))
            }
            #expect(try await task.run("exit 0").status == .exited(0))
        }
    }

    @Test func descriptorsThatAreNoSpecification() async throws {
        try await PausedTask.with { (task) async throws in
            let client = try RawClient(task.socket)
            let message = Array("start\0name=a\0".utf8)
            let unsealed = Glibc.open(task.host.directory.appending("file").string, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
            let pipes = try PipeEnds()
            let empty = tasknet_sealed_memory("empty", "", 0)
            let noEnd = tasknet_sealed_memory("noend", "arg=x", 5)
            let files = [unsealed, pipes.reading.withRaw { $0 }, client.raw, empty, noEnd]
            for file in files {
                client.send(message, file)
                while try await !task.pause.status().isEmpty { try await Task.sleep(for: .milliseconds(1)) }
            }
            for file in [unsealed, empty, noEnd] { close(file) }
        }
    }

    @Test func clientsThatComeAndGoOrDoNotRead() async throws {
        try await PausedTask.with { (task) async throws in
            for index in 0..<50 {
                try await task.pause.start(
                    ContainerLaunch(CommandLaunch(name: "c\(index)", arguments: ["true"]), root: .host))
            }
            // More than is let in at a time.
            var clients = try (0..<40).map { _ in try RawClient(task.socket) }
            for client in clients {
                // Thousands of rows that nobody reads.
                for _ in 0..<200 {
                    let message = Array("status\0request=1\0".utf8)
                    guard tasknet_seqpacket_send(client.raw, message, message.count, -1) > 0 else { break }
                }
            }
            for _ in 0..<5 { #expect(try await task.pause.status().count == 50) }
            clients = []
            while true {
                // Until those that left have been seen to leave.
                guard let again = try? PauseConnection(to: task.socket) else { continue }
                if let children = try? await again.status() {
                    #expect(children.count == 50)
                    break
                }
            }
        }
    }

    @Test func withoutDescriptorsItWaits() async throws {
        try await TestHost.with { (host) async throws in
            let task = try await PausedTask.start(in: host, executable: try pauseScript(in: host, "ulimit -n 30; exec"))
            var started = 0
            await #expect {
                while started < 30 {
                    try await task.pause.start(
                        ContainerLaunch(task.shell("sleep 1000", name: "c\(started)"), root: .host))
                    started += 1
                }
            } throws: { ($0 as? PauseError)?.errno == .tooManyOpenFiles }
            #expect(started > 1)
            // New clients are turned away, not left hanging, and the old one is served.
            let clients = try (0..<20).map { _ in try PauseConnection(to: task.socket) }
            var refused = 0
            for client in clients {
                do { _ = try await client.status() } catch let error as PauseError where error == .disconnected {
                    refused += 1
                }
            }
            #expect(refused > 0)
            for client in clients { client.close() }
            #expect(try await task.pause.status().count == started)
            // A birth takes more descriptors than a life.
            for name in ["c0", "c1"] {
                try await task.pause.signal(SIGKILL, to: name)
                _ = try await task.exit(of: name)
            }
            try await task.pause.start(ContainerLaunch(task.shell("sleep 1000", name: "again"), root: .host))
        }
    }
}
