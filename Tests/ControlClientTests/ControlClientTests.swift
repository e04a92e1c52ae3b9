// SPDX-License-Identifier: Apache-2.0

import ECSAPI
import ECSClient
import Foundation
import Glibc
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import ControlClient

private enum Echo: APIOperation {
    struct Input: Codable, Sendable { var text: String }
    struct Output: Codable, Sendable, Equatable { var text: String }
    static let target = "AmazonEC2ContainerServiceV20141113.Echo"
}

@Suite("Control client")
struct ControlClientTests {
    private static func ok(_ body: String) -> String {
        "HTTP/1.1 200 OK\r\nContent-Type: application/x-amz-json-1.1\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    }

    /// What a call does against a server that answers with these bytes.
    private func call(
        answer: String, pieces: Int = .max, text: String = "hello",
        change: (inout ControlClient) -> Void = { _ in }
    ) throws -> Echo.Output {
        try ScriptedServer.with { connection in
            _ = connection.readRequest()
            connection.send(answer, pieces: pieces)
        } _: { server in
            var client = ControlClient(socketPath: server.socketPath, timeout: .seconds(20))
            change(&client)
            return try client.call(Echo.self, Echo.Input(text: text))
        }
    }

    private func failure(answer: String, change: (inout ControlClient) -> Void = { _ in }) -> String {
        do {
            return "no error: \(try call(answer: answer, change: change))"
        } catch {
            return "\(error)"
        }
    }

    @Test("The request is AWS JSON 1.1")
    func request() throws {
        let seen = Mutex("")
        try ScriptedServer.with { connection in
            let request = connection.readRequest()
            seen.withLock { $0 = request }
            connection.send(Self.ok(#"{"text":"x"}"#))
        } _: { server in
            let client = ControlClient(socketPath: server.socketPath)
            let output = try client.call(Echo.self, Echo.Input(text: "é"))
            #expect(output == Echo.Output(text: "x"))
        }
        let request = seen.withLock { $0 }
        #expect(request.hasPrefix("POST / HTTP/1.1\r\nHost: tasknet\r\n"))
        #expect(request.contains("\r\nContent-Type: application/x-amz-json-1.1\r\n"))
        #expect(request.contains("\r\nX-Amz-Target: AmazonEC2ContainerServiceV20141113.Echo\r\n"))
        #expect(request.hasSuffix("\r\nContent-Length: 13\r\nConnection: close\r\n\r\n{\"text\":\"é\"}"))
    }

    @Test("Answers in pieces of any size are read", arguments: [1, 2, 5, Int.max])
    func pieces(size: Int) throws {
        let body = #"{"text":"\#(String(repeating: "é", count: 300))"}"#
        let expected = Echo.Output(text: String(repeating: "é", count: 300))
        #expect(try call(answer: Self.ok(body), pieces: size) == expected)
        let chunked =
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
            + body.map { "\(String($0.utf8.count, radix: 16))\r\n\($0)\r\n" }.joined() + "0\r\n\r\n"
        #expect(try call(answer: chunked, pieces: size) == expected)
        #expect(try call(answer: "HTTP/1.1 200 OK\r\n\r\n" + body, pieces: size) == expected)
    }

    @Test("Large requests and answers pass")
    func large() throws {
        let text = String(repeating: "x", count: 8 << 20)
        #expect(try call(answer: Self.ok(#"{"text":"\#(text)"}"#), text: text).text.utf8.count == 8 << 20)
    }

    @Test("An error of the API keeps its type and its text, made harmless")
    func refused() throws {
        let body = #"{"__type":"ClientException","message":"no such task: \u001b[2J"}"#
        let answer = "HTTP/1.1 400 Bad Request\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
        let error = #expect(throws: ControlError.self) { try call(answer: answer) }
        guard case .refused("Echo", let refusal)? = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(refusal.type == "ClientException")
        #expect(error?.description == #"Echo: no such task: \u{1b}[2J (ClientException)"#)
    }

    @Test(
        "What is no answer of tasknetd is told from one",
        arguments: [
            ("", "Echo: the connection was closed without an answer; if tasknetd ended"),
            ("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", "closed in the middle of the answer, after 41 bytes"),
            ("SSH-2.0-OpenSSH\r\n", "Echo: the answer is not HTTP/1.1: it begins with \"SSH-2.0-OpenSSH\""),
            ("\u{1}\u{2}\u{1b}[2J\n", #""\u{1}\u{2}\u{1b}[2J""#),
            ("HTTP/1.1 502 Bad Gateway\r\nContent-Length: 4\r\n\r\noops", "HTTP status 502 from"),
            ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", ": Not Found; is it tasknetd that serves it?"),
            (Self.ok("nonsense"), "the answer cannot be read:"),
            (Self.ok("{}"), "are tasknet and tasknetd of the same version?"),
            (Self.ok(#"{"text":1}"#), "text: "),
        ])
    func strangeAnswers(answer: String, expected: String) {
        let text = failure(answer: answer)
        #expect(text.contains(expected), "\(text)")
    }

    @Test("An answer beyond the limit is refused, whether it says its size or not")
    func tooLarge() {
        let change = { (client: inout ControlClient) in client.maximumResponseSize = 1000 }
        let body = String(repeating: " ", count: 2000)
        for answer in [Self.ok(body), "HTTP/1.1 200 OK\r\n\r\n" + body] {
            #expect(failure(answer: answer, change: change).contains("the answer's body is larger than 1000 bytes"))
        }
        let head = "HTTP/1.1 200 OK\r\n" + String(repeating: "A: b\r\n", count: 20_000)
        #expect(failure(answer: head).contains("the answer's head is larger than 65536 bytes"))
    }

    @Test("An answer that is given before the request was read is heard")
    func earlyAnswer() throws {
        let body = #"{"__type":"ClientException","message":"too large"}"#
        try ScriptedServer.with { connection in
            // Closed with the request unread: the rest of it meets a closed connection.
            connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        } _: { server in
            let client = ControlClient(socketPath: server.socketPath, timeout: .seconds(20))
            let error = #expect(throws: ControlError.self) {
                try client.call(Echo.self, Echo.Input(text: String(repeating: "x", count: 4 << 20)))
            }
            #expect(error?.description.contains("too large") == true, "\(String(describing: error))")
        }
    }

    @Test("An answer of a server that reads no more and does not close is heard")
    func earlyAnswerOfOneThatWaits() throws {
        let body = #"{"__type":"ClientException","message":"too large"}"#
        try ScriptedServer.with { connection in
            connection.send("HTTP/1.1 413 Too Large\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
            // Neither read from nor closed: the other side goes when it has what it needs.
            var entry = pollfd(fd: connection.raw, events: 0, revents: 0)
            poll(&entry, 1, 60_000)
        } _: { server in
            let client = ControlClient(socketPath: server.socketPath, timeout: .seconds(30))
            let error = #expect(throws: ControlError.self) {
                try client.call(Echo.self, Echo.Input(text: String(repeating: "x", count: 4 << 20)))
            }
            #expect(error?.description.contains("too large") == true, "\(String(describing: error))")
        }
    }

    @Test("A server that says nothing is left after the time allowed")
    func silence() throws {
        try ScriptedServer.with {
            $0.waitForClose()
        } _: { server in
            let client = ControlClient(socketPath: server.socketPath, timeout: .milliseconds(50))
            let error = #expect(throws: ControlError.self) { try client.call(Echo.self, Echo.Input(text: "")) }
            #expect(error?.description.contains("no answer from tasknetd") == true)
            #expect(error?.description.contains("within 0.05 s") == true)
        }
    }

    @Test("A server that drips is left after the time allowed")
    func drip() throws {
        try ScriptedServer.with { connection in
            connection.send("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12")
            connection.waitForClose()
        } _: { server in
            let client = ControlClient(socketPath: server.socketPath, timeout: .milliseconds(50))
            let error = #expect(throws: ControlError.self) { try client.call(Echo.self, Echo.Input(text: "")) }
            guard case .timedOut? = error else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("A listener that takes no connections is left after the time allowed")
    func fullQueue() throws {
        try ScriptedServer.with(backlog: 0, accepts: false) { _ in
        } _: { server in
            // The queue takes one connection more than its length.
            let first = try UnixStream(connectingTo: server.socketPath, deadline: .now + .seconds(5))
            let error = #expect(throws: ControlError.self) {
                try ControlClient(socketPath: server.socketPath, timeout: .milliseconds(50))
                    .call(Echo.self, Echo.Input(text: ""))
            }
            #expect(error?.description.contains("takes no connections") == true, "\(String(describing: error))")
            _ = consume first
        }
    }
}

@Suite("Daemon that cannot be reached")
struct UnavailableTests {
    private func failure(_ path: String) -> String {
        let error = #expect(throws: ControlError.self) {
            try ControlClient(socketPath: path, timeout: .seconds(5)).send(target: "X.Y", body: [])
        }
        return error?.description ?? ""
    }

    @Test("No socket: not running, and how to start it")
    func missing() {
        let text = failure("/nonexistent/tasknet.sock")
        #expect(text.contains("tasknetd is not running: there is no socket at /nonexistent/tasknet.sock"))
        #expect(text.contains("systemctl start tasknetd") && text.contains("TASKNET_SOCKET"))
    }

    @Test("A socket without a listener: not running")
    func stale() throws {
        let server = try ScriptedServer { _ in }
        let copy = server.socketPath + "2"
        #expect(rename(server.socketPath, copy) == 0)
        server.close()
        defer {
            unlink(copy)
            rmdir(String(copy.dropLast(3)))
        }
        #expect(failure(copy).contains("tasknetd is not running: nobody listens on the socket \(copy)"))
    }

    @Test("Not a socket at all")
    func notASocket() {
        #expect(failure("/proc/version").contains("nobody listens on the socket /proc/version"))
    }

    @Test("Paths that no socket can have")
    func paths() {
        #expect(failure("/" + String(repeating: "a", count: 107)).contains("107 bytes at most"))
        #expect(failure("").contains("there is no socket at"))
        #expect(failure("/tmp/a\0b").contains("cannot connect to tasknetd at /tmp/a\\u{0}b"))
    }

    @Test("No permission: sudo or the group")
    func permission() {
        let error = ControlError.unavailable(socketPath: "/run/tasknet/tasknet.sock", .permissionDenied)
        #expect(error.description.contains("sudo usermod -aG tasknet $USER"))
    }
}
