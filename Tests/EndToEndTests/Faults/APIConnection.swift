// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// A connection to a machine's control socket on which requests are sent piece by piece.
final class APIConnection: Sendable {
    private let descriptor: OwnedDescriptor
    private static let held = "}"

    init(to path: FilePath) throws {
        descriptor = OwnedDescriptor(socket(AF_UNIX, CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.string.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw Errno.fileNameTooLong }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let status = descriptor.withRaw { raw in
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(raw, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        guard status == 0 else { throw Errno(rawValue: errno) }
    }

    /// Sends a request of ECS's API.
    /// - Parameter count: so many of the body's last bytes wait for `finish`.
    func send(_ operation: String, _ body: String = "{}", holdingBack count: Int = 0) throws {
        let text = """
            POST / HTTP/1.1\r\nHost: localhost\r\nX-Amz-Target: \(Machine.ecs).\(operation)\r\n\
            Content-Length: \(body.utf8.count)\r\n\r\n\(body.dropLast(count))
            """
        try descriptor.writeAll(Array(text.utf8), to: "the control socket")
    }

    /// Sends the `}` that was held back.
    func finish() throws { try descriptor.writeAll(Array(Self.held.utf8), to: "the control socket") }

    /// The status of the answer to the last request.
    /// - Returns: nil when the connection has ended without one.
    func readStatus() throws -> Int? {
        #expect(try descriptor.waitUntilReadable(until: .now + .seconds(60)))
        let text = String(decoding: try descriptor.read(upTo: 65536, of: "the control socket"), as: UTF8.self)
        return text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    }
}

extension Machine {
    func connect() throws -> APIConnection { try APIConnection(to: outside("/run/tasknet/tasknet.sock")) }
}
