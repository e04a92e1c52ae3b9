// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSON
import Synchronization
import SystemPackage
import TestSupport
import VPC

@testable import tasknet

/// Answers the control API's operations with what a test says, on a real socket, and runs the real program against it.
final class ScriptedDaemon: Sendable {
    struct Request: Sendable {
        var operation: String
        var body: JSONNode
    }

    /// What an operation is answered with; nil is a `ClientException`.
    typealias Script = @Sendable (Request) throws -> String?

    private let server: ScriptedServer
    private let log: RequestLog

    private final class RequestLog: Sendable {
        let requests = Mutex<[Request]>([])
    }

    init(_ script: @escaping Script) throws {
        let log = RequestLog()
        self.log = log
        server = try ScriptedServer { connection in
            let text = connection.readRequest()
            guard let request = Self.request(text) else { return }
            log.requests.withLock { $0.append(request) }
            let answer = try? script(request)
            let body = answer ?? #"{"__type":"ClientException","message":"no \#(request.operation) here"}"#
            let status = answer == nil ? "400 Bad Request" : "200 OK"
            connection.send("HTTP/1.1 \(status)\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
        }
    }

    static func with<Result>(_ script: @escaping Script, _ body: (ScriptedDaemon) throws -> Result) throws -> Result {
        let daemon = try ScriptedDaemon(script)
        defer { daemon.close() }
        return try body(daemon)
    }

    func close() { server.close() }

    var socketPath: String { server.socketPath }

    /// The operations that were asked for, in order.
    var operations: [String] { log.requests.withLock { $0.map(\.operation) } }

    /// The last request for an operation.
    func last(_ operation: String) -> JSONNode? {
        log.requests.withLock { requests in requests.last { $0.operation == operation }?.body }
    }

    /// The last request for an operation as a text with its members in the order of their names.
    func lastText(_ operation: String) throws -> String? {
        try last(operation).map { try JSONNode(encoding: try $0.decoded(as: JSONValue.self)).compactText }
    }

    /// Runs tasknet against this daemon.
    func tasknet(_ arguments: String...) throws -> ProgramOutput { try tasknet(arguments) }

    func tasknet(_ arguments: [String]) throws -> ProgramOutput {
        let program = try BuiltProduct.path("tasknet").string
        return try attempt([program, "--socket", server.socketPath] + arguments)
    }

    private static func request(_ text: String) -> Request? {
        guard let head = text.range(of: "\r\n\r\n"),
            let target = text[..<head.lowerBound].split(separator: "\r\n").first(where: {
                $0.hasPrefix("X-Amz-Target: ")
            }),
            let body = try? JSONParser.parse(Array(text[head.upperBound...].utf8))
        else { return nil }
        return Request(operation: String(target.split(separator: ".").last ?? ""), body: body)
    }
}

/// A file that is gone afterwards.
func withFile<Result>(_ text: String, named name: String = "web.json", _ body: (String) throws -> Result) throws
    -> Result
{
    let directory = FileManager.default.temporaryDirectory.appending(path: "tasknet-cli.\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = directory.appending(path: name).path
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return try body(path)
}
