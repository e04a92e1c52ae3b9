// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Logging
import ServiceLifecycle
import Synchronization
import SystemPackage
import TestSupport
import Testing

@testable import Agent

@Suite("Control API: over the socket")
struct ControlAPIServerTests {
    /// Runs a server for as long as the body takes, then ends it in order.
    private func serving(
        access: ControlAccess = ControlAccess(groupID: nil),
        limits: ControlAPIServer.Limits = ControlAPIServer.Limits(),
        prepare: (inout TestAPI) -> Void = { _ in }, _ body: @escaping @Sendable (FilePath) throws -> Void
    ) async throws {
        var api = try TestAPI()
        api.register(Echo.self) { input, _ in Echo.Output(text: input.text) }
        prepare(&api)
        let directory = try TemporaryDirectory()
        let path = directory.path.appending("control.sock")
        // Who may call is the server's to say here, not the file system's.
        let socket = try ControlSocket.listen(at: path, mode: FilePermissions(rawValue: 0o666), groupID: nil)
        let server = ControlAPIServer(
            socket: socket, dispatcher: api.dispatcher, access: access, limits: limits, logger: api.context.logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [.init(service: server)], logger: api.context.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            // The socket listens already: the client needs no other sign.
            let result = await Result { () async throws in try await blocking { try body(path) } }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
            try result.get()
        }
        #expect(!FileManager.default.fileExists(atPath: path.string))
    }

    private static let echo = UnixClient.post("Test.Echo", #"{"text": "hello"}"#)

    @Test("One connection carries many requests")
    func keepAlive() async throws {
        try await serving { path in
            let client = try UnixClient(connectingTo: path)
            for _ in 0..<3 {
                try client.send(Self.echo)
                let response = client.readResponse()
                #expect(response?.status == 200)
                #expect(response?.body == #"{"text":"hello"}"#)
            }
        }
    }

    @Test("The answer carries the protocol's fields, whatever the request's content type")
    func fields() async throws {
        try await serving { path in
            let client = try UnixClient(connectingTo: path)
            let fields = ["Content-Type: text/plain", "Connection: close", "Authorization: AWS4-HMAC-SHA256 x"]
            try client.send(UnixClient.post("Test.Echo", #"{"text": "a"}"#, fields: fields))
            let answer = client.readToEnd()
            #expect(answer.hasPrefix("HTTP/1.1 200 OK\r\n"))
            #expect(answer.contains("Content-Type: application/x-amz-json-1.1\r\n"))
            #expect(try /x-amzn-RequestId: [0-9a-f-]{36}\r\n/.firstMatch(in: answer) != nil)
            #expect(answer.hasSuffix(#"{"text":"a"}"#))
        }
    }

    @Test("A client that says it is done sending gets its answer")
    func halfClosed() async throws {
        try await serving { path in
            let client = try UnixClient(connectingTo: path)
            try client.send(Self.echo)
            client.finishSending()
            #expect(client.readToEnd().hasSuffix(#"{"text":"hello"}"#))
        }
    }

    @Test(
        "What is done for a client alone ends when it has gone, and not when it is done sending",
        .timeLimit(.minutes(1)))
    func gone() async throws {
        let started = DispatchSemaphore(value: 0)
        let ended = DispatchSemaphore(value: 0)
        try await serving { api in
            api.register(Echo.self) { input, context in
                started.signal()
                if input.text == "short" {
                    try await context.whileCallerWaits { try await Task.sleep(for: .milliseconds(200)) }
                    return Echo.Output(text: "was waited for")
                }
                do {
                    try await context.whileCallerWaits { try await Task.sleep(for: .seconds(3600)) }
                } catch {
                    ended.signal()
                }
                return Echo.Output(text: input.text)
            }
        } _: { path in
            let halfClosed = try UnixClient(connectingTo: path)
            try halfClosed.send(UnixClient.post("Test.Echo", #"{"text": "short"}"#))
            halfClosed.finishSending()
            #expect(halfClosed.readToEnd().hasSuffix(#"{"text":"was waited for"}"#))
            started.wait()
            do {
                let client = try UnixClient(connectingTo: path)
                try client.send(UnixClient.post("Test.Echo", #"{"text": "long"}"#))
                started.wait()
                withExtendedLifetime(client) {}
            }
            ended.wait()
        }
    }

    @Test(
        "What is no operation is refused",
        arguments: [
            ("GET / HTTP/1.1\r\nHost: x\r\n\r\n", 404, "UnknownOperationException"),
            (
                "POST /v1 HTTP/1.1\r\nHost: x\r\nX-Amz-Target: Test.Echo\r\nContent-Length: 2\r\n\r\n{}", 404,
                "UnknownOperationException"
            ),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\n\r\n{}", 404, "UnknownOperationException"),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: Nothing\r\nContent-Length: 2\r\n\r\n{}", 400,
                "UnknownOperationException"
            ),
            (
                "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: Test.Echo\r\nContent-Length: 3\r\n\r\n{a}", 400,
                "SerializationException"
            ),
            ("NONSENSE\r\n\r\n", 400, ""),
            ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n", 400, ""),
        ])
    func refused(request: String, status: Int, type: String) async throws {
        try await serving { path in
            let client = try UnixClient(connectingTo: path)
            try client.send(request)
            let response = client.readResponse()
            #expect(response?.status == status)
            #expect(type.isEmpty || response?.body.contains(#""__type":"\#(type)""#) == true, "\(response?.body ?? "")")
        }
    }

    @Test("A request that is too large is refused, told by its length or found by its size")
    func tooLarge() async throws {
        var limits = ControlAPIServer.Limits()
        limits.body = 1000
        try await serving(limits: limits) { path in
            let large = String(repeating: " ", count: 2 << 20)
            let told = try UnixClient(connectingTo: path)
            try told.send(UnixClient.post("Test.Echo", large))
            let response = told.readResponse()
            #expect(response?.status == 413)
            #expect(response?.body.contains("the request is larger than 1000 bytes") == true)
            // The connection is good for another.
            try told.send(Self.echo)
            #expect(told.readResponse()?.status == 200)

            let found = try UnixClient(connectingTo: path)
            let head = "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: Test.Echo\r\nTransfer-Encoding: chunked\r\n\r\n"
            try found.send(head + "\(String(large.utf8.count, radix: 16))\r\n\(large)\r\n0\r\n\r\n")
            #expect(found.readResponse()?.status == 413)
        }
    }

    @Test("A client that asks before it sends its body is answered first")
    func expectContinue() async throws {
        try await serving { path in
            let client = try UnixClient(connectingTo: path)
            let body = #"{"text": "late"}"#
            try client.send(
                "POST / HTTP/1.1\r\nHost: x\r\nX-Amz-Target: Test.Echo\r\nExpect: 100-continue\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
            )
            #expect(client.readResponse()?.status == 100)
            try client.send(body)
            #expect(client.readResponse()?.body == #"{"text":"late"}"#)
        }
    }

    @Test("A client that stops in the middle of a request is cut off, and others are served meanwhile")
    func halfSent() async throws {
        var limits = ControlAPIServer.Limits()
        limits.transfer = .milliseconds(200)
        limits.idle = .milliseconds(200)
        try await serving(limits: limits) { path in
            let silent = try UnixClient(connectingTo: path)
            let head = try UnixClient(connectingTo: path)
            try head.send("POST / HTTP/1.1\r\nHost:")
            let body = try UnixClient(connectingTo: path)
            try body.send(String(Self.echo.dropLast(5)))
            let other = try UnixClient(connectingTo: path)
            try other.send(Self.echo)
            #expect(other.readResponse()?.status == 200)
            #expect(silent.readToEnd().isEmpty)
            #expect(head.readToEnd().isEmpty)
            #expect(body.readToEnd().isEmpty)
        }
    }

    @Test("Connections beyond the limit are closed, and there is room again when others end")
    func connectionLimit() async throws {
        var limits = ControlAPIServer.Limits()
        limits.connections = 2
        try await serving(limits: limits) { path in
            do {
                let clients = try (0..<2).map { _ in try UnixClient(connectingTo: path) }
                for client in clients {
                    try client.send(Self.echo)
                    #expect(client.readResponse()?.status == 200)
                }
                #expect(try UnixClient(connectingTo: path).readToEnd().isEmpty)
            }
            // The server hears of the two ends in its own time.
            var status: Int?
            while status == nil {
                let client = try UnixClient(connectingTo: path)
                try? client.send(Self.echo)
                status = client.readResponse()?.status
            }
            #expect(status == 200)
        }
    }

    @Test(
        "Who is neither root nor the owner nor of the group is refused",
        .requiresRoot, .requiresProgram("curl"), .requiresProgram("setpriv"))
    func accessDenied() async throws {
        try await serving(access: ControlAccess(ownerID: 0, groupID: 4242)) { path in
            func call(_ identity: [String]) throws -> String {
                let request = ["-H", "X-Amz-Target: Test.Echo", "-d", #"{"text": "hello"}"#, "http://localhost/"]
                return try run(
                    ["setpriv"] + identity + ["curl", "-s", "-w", " %{http_code}", "--unix-socket", path.string]
                        + request
                ).output
            }
            let denied = try call(["--reuid=65534", "--regid=65534", "--clear-groups"])
            #expect(denied.contains(#""__type":"AccessDeniedException""#))
            #expect(denied.hasSuffix(" 403"))
            let groups = (0..<70).map { String(5000 + $0) } + ["4242"]
            let member = try call(["--reuid=65534", "--regid=65534", "--groups=\(groups.joined(separator: ","))"])
            #expect(member.hasSuffix(" 200"))
            let primary = try call(["--reuid=65534", "--regid=4242", "--clear-groups"])
            #expect(primary.hasSuffix(" 200"))
        }
    }

    @Test("The end of the server lets a request under way be answered")
    func gracefulEnd() async throws {
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        let (released, release) = AsyncStream.makeStream(of: Void.self)
        var api = try TestAPI()
        api.register(Echo.self) { input, _ in
            start.finish()
            for await _ in released {}
            return Echo.Output(text: input.text)
        }
        let path = api.directory.path.appending("control.sock")
        let socket = try ControlSocket.listen(at: path, mode: .ownerReadWrite, groupID: nil)
        // The request is answered when this test lets it, however late.
        var limits = ControlAPIServer.Limits()
        limits.ending = .seconds(600)
        let server = ControlAPIServer(
            socket: socket, dispatcher: api.dispatcher, access: ControlAccess(groupID: nil), limits: limits,
            logger: api.context.logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [.init(service: server)], logger: api.context.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let busy = try UnixClient(connectingTo: path)
            let idle = try UnixClient(connectingTo: path)
            try busy.send(Self.echo)
            for await _ in started {}
            await group.triggerGracefulShutdown()
            try await blocking { #expect(idle.readToEnd().isEmpty) }
            release.finish()
            try await blocking { #expect(busy.readResponse()?.body == #"{"text":"hello"}"#) }
            try await tasks.waitForAll()
        }
    }

    @Test("A request that does not end is given up when the server must")
    func givenUp() async throws {
        let (started, start) = AsyncStream.makeStream(of: Void.self)
        var limits = ControlAPIServer.Limits()
        limits.ending = .milliseconds(50)
        var api = try TestAPI()
        api.register(Echo.self) { input, _ in
            start.finish()
            try await Task.sleep(for: .seconds(3600))
            return Echo.Output(text: input.text)
        }
        let path = api.directory.path.appending("control.sock")
        let socket = try ControlSocket.listen(at: path, mode: .ownerReadWrite, groupID: nil)
        let server = ControlAPIServer(
            socket: socket, dispatcher: api.dispatcher, access: ControlAccess(groupID: nil), limits: limits,
            logger: api.context.logger)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(services: [.init(service: server)], logger: api.context.logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            let client = try UnixClient(connectingTo: path)
            try client.send(Self.echo)
            for await _ in started {}
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
