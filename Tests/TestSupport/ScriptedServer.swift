// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Linux

/// A server on a real unix socket that does with its connections whatever a test says.
package final class ScriptedServer: Sendable {
    package let socketPath: String
    private let directory: String
    private let listener: OwnedDescriptor
    private let ended = DispatchSemaphore(value: 0)

    /// One accepted connection.
    package struct Connection {
        package let raw: CInt

        /// Reads a request with its body; what came, when the other side closes first.
        package func readRequest() -> String {
            var bytes: [UInt8] = []
            while !Self.isWhole(bytes) {
                var piece = [UInt8](repeating: 0, count: 4096)
                let count = recv(raw, &piece, piece.count, 0)
                guard count > 0 else { break }
                bytes += piece[..<count]
            }
            return String(decoding: bytes, as: UTF8.self)
        }

        /// Sends `text` in pieces; what the other side no longer wants is dropped.
        package func send(_ text: String, pieces: Int = .max) {
            var rest = Array(text.utf8)[...]
            while !rest.isEmpty {
                let count = rest.prefix(pieces).withUnsafeBytes {
                    Glibc.send(raw, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
                }
                guard count > 0 else { return }
                rest = rest.dropFirst(count)
            }
        }

        /// Waits until the other side closes.
        package func waitForClose() {
            var piece = [UInt8](repeating: 0, count: 4096)
            while recv(raw, &piece, piece.count, 0) > 0 {}
        }

        private static func isWhole(_ bytes: [UInt8]) -> Bool {
            let text = String(decoding: bytes, as: UTF8.self)
            guard let end = text.range(of: "\r\n\r\n") else { return false }
            let length = text[..<end.lowerBound].split(separator: "\r\n").compactMap {
                $0.lowercased().hasPrefix("content-length:") ? Int($0.dropFirst(15).filter(\.isNumber)) : nil
            }
            return text[end.upperBound...].utf8.count >= length.first ?? 0
        }
    }

    /// Serves until `close`; `script` gets one connection after the other.
    package init(backlog: CInt = 8, accepts: Bool = true, script: @escaping @Sendable (Connection) -> Void) throws {
        // A socket's path fits into 108 bytes: TMPDIR is short where tests run.
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        var template = Array("\(parent)/tasknet-control.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw LinuxError.last("create", "temporary directory") }
        directory = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        socketPath = directory + "/s"
        listener = OwnedDescriptor(socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(socketPath.utf8)) }
        let bound = listener.withRaw { raw in
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(raw, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        guard bound == 0, listener.withRaw({ listen($0, backlog) }) == 0 else {
            throw LinuxError.last("listen", socketPath)
        }
        let raw = listener.withRaw { $0 }
        guard accepts else {
            ended.signal()
            return
        }
        Thread.detachNewThread { [ended] in
            while true {
                let connection = accept(raw, nil, nil)
                guard connection >= 0 else { break }
                script(Connection(raw: connection))
                Glibc.close(connection)
            }
            ended.signal()
        }
    }

    /// Stops listening, and removes the socket and its directory.
    package func close() {
        _ = listener.withRaw { shutdown($0, CInt(SHUT_RDWR)) }
        ended.wait()
        unlink(socketPath)
        rmdir(directory)
    }

    /// Runs a body with a server of its own.
    package static func with<Result>(
        backlog: CInt = 8, accepts: Bool = true, script: @escaping @Sendable (Connection) -> Void,
        _ body: (ScriptedServer) throws -> Result
    ) throws -> Result {
        let server = try ScriptedServer(backlog: backlog, accepts: accepts, script: script)
        defer { server.close() }
        return try body(server)
    }
}
