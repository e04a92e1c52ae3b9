// SPDX-License-Identifier: Apache-2.0

import Foundation
import Linux
import Synchronization
import SystemPackage
import TestSupport

/// A host with a sandbox, and what stands for the daemon.
final class PluginFixture: Sendable {
    struct Request: Hashable {
        var operation: String
        var body: JSON
    }

    let host: TestHost
    private let runtime: PluginRuntime
    let socketPath: String
    private let log: RequestLog
    private let sandbox: NetworkNamespace

    private final class RequestLog: Sendable {
        let texts = Mutex<[String]>([])
    }

    private init(_ host: TestHost, socketPath: String, log: RequestLog = RequestLog()) throws {
        self.host = host
        self.socketPath = socketPath
        self.log = log
        runtime = try PluginRuntime(host, plugins: ["tasknet"])
        sandbox = try host.makeNamespace("sandbox")
    }

    /// Runs a body with a daemon that answers everything alike; with status 0 it hangs up instead.
    static func with(status: Int = 200, answer: String, _ body: (PluginFixture) throws -> Void) throws {
        try TestHost.with { host in
            let log = RequestLog()
            let server = try ScriptedServer { connection in
                let request = connection.readRequest()
                log.texts.withLock { $0.append(request) }
                guard status != 0 else { return }
                connection.send("HTTP/1.1 \(status) X\r\nContent-Length: \(answer.utf8.count)\r\n\r\n\(answer)")
            }
            defer { server.close() }
            let fixture = try PluginFixture(host, socketPath: server.socketPath, log: log)
            defer { try? FileManager.default.removeItem(atPath: fixture.runtimeDirectory.appending("cni").string) }
            try body(fixture)
        }
    }

    static func withoutDaemon(_ body: (PluginFixture) throws -> Void) throws {
        try TestHost.with { host in
            let directory = host.directory.appending("run")
            try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
            try body(try PluginFixture(host, socketPath: directory.appending("tasknet.sock").string))
        }
    }

    var namespacePath: String { host.namespacePath("sandbox").string }
    var runtimeDirectory: FilePath { FilePath(socketPath).removingLastComponent() }

    /// What the daemon was asked.
    var requests: [Request] {
        log.texts.withLock { $0 }.map { text in
            let parts = text.components(separatedBy: "\r\n\r\n")
            let target = parts[0].components(separatedBy: "\r\n").first { $0.lowercased().hasPrefix("x-amz-target:") }
            return Request(
                operation: target?.components(separatedBy: ".").last ?? "",
                body: (try? JSON(parsing: parts.dropFirst().joined(separator: "\r\n\r\n"))) ?? .null)
        }
    }

    /// The DELs that are kept for the daemon.
    var pendingDeletions: [JSON] {
        let directory = runtimeDirectory.appending("cni").appending("deletions").string
        let names = (try? FileManager.default.contentsOfDirectory(atPath: directory)) ?? []
        return names.map { name in
            let text = (try? String(contentsOfFile: "\(directory)/\(name)", encoding: .utf8)) ?? ""
            return (try? JSON(parsing: text)) ?? .null
        }
    }

    /// What a runtime says of the namespace.
    enum Namespace {
        case sandbox, none
        case path(String)
    }

    func call(
        _ command: String, _ keys: String, containerID: String = "c1", namespace: Namespace = .sandbox,
        interfaceName: String = "eth0", arguments: String? = nil, socket: String? = nil,
        environment: [String: String] = [:]
    ) throws -> PluginRuntime.Answer {
        let path: String? =
            switch namespace {
            case .sandbox: namespacePath
            case .none: nil
            case .path(let path): path
            }
        let head = #"{"cniVersion":"1.1.0","name":"vpc","type":"tasknet","socket":"\#(socket ?? socketPath)""#
        var call = PluginRuntime.Call(
            "tasknet", command, containerID: containerID, networkNamespace: path, interfaceName: interfaceName,
            arguments: arguments, configuration: keys.isEmpty ? head + "}" : "\(head),\(keys)}")
        call.environment = environment
        return try runtime.run(call)
    }
}
