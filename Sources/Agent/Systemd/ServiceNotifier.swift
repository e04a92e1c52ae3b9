// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage

/// Tells systemd how the daemon is: the protocol of `sd_notify(3)`, over the datagram socket named by `NOTIFY_SOCKET`.
package struct ServiceNotifier: Sendable {
    /// One assignment of a message.
    package enum State: Sendable, Equatable {
        case ready
        case reloading(monotonicMicroseconds: UInt64)
        case stopping
        case watchdog
        case status(String)

        var text: String {
            switch self {
            case .ready: "READY=1"
            case .reloading(let microseconds): "RELOADING=1\nMONOTONIC_USEC=\(microseconds)"
            case .stopping: "STOPPING=1"
            case .watchdog: "WATCHDOG=1"
            // A newline would begin another assignment.
            case .status(let text): "STATUS=" + text.split(whereSeparator: \.isNewline).joined(separator: " ")
            }
        }
    }

    private let address: String

    /// - Returns: nil where nobody listens, as outside of systemd.
    package init?(environment: [String: String]) {
        guard let address = environment["NOTIFY_SOCKET"], address.hasPrefix("/") || address.hasPrefix("@"),
            address.utf8.count < UnixSocketAddress.capacity
        else { return nil }
        self.address = address
    }

    /// Sends one message. What cannot be delivered is dropped: nobody is there to be told.
    package func notify(_ states: State...) {
        let message = states.map(\.text).joined(separator: "\n")
        let socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard socket >= 0, let address = UnixSocketAddress(address) else { return }
        defer { close(socket) }
        address.withUnsafe { pointer, length in
            _ = sendto(socket, message, message.utf8.count, Int32(MSG_NOSIGNAL), pointer, length)
        }
    }

    /// The clock that systemd compares a reload's beginning with.
    package static func monotonicMicroseconds() -> UInt64 {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        return UInt64(now.tv_sec) * 1_000_000 + UInt64(now.tv_nsec) / 1_000
    }
}

/// A unix socket's address: a path, or `@name` in the abstract namespace.
struct UnixSocketAddress {
    /// The longest path, with the NUL that ends it.
    static let capacity = MemoryLayout.size(ofValue: sockaddr_un().sun_path)

    private var raw = sockaddr_un()
    private let length: socklen_t

    /// - Returns: nil where the name is empty or too long.
    init?(_ name: String) {
        let bytes = Array(name.utf8)
        guard !bytes.isEmpty, bytes.count < Self.capacity else { return nil }
        let isAbstract = bytes[0] == UInt8(ascii: "@")
        raw.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &raw.sun_path) { path in
            path.copyBytes(from: bytes)
            if isAbstract { path[0] = 0 }
        }
        // An abstract name has no NUL at its end, and every byte of the given length is part of it.
        let offset = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? MemoryLayout<sa_family_t>.size
        length = socklen_t(offset + bytes.count + (isAbstract ? 0 : 1))
    }

    func withUnsafe<Result>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Result) -> Result {
        withUnsafePointer(to: raw) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, length) }
        }
    }
}
