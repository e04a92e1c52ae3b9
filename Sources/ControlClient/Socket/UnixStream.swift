// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import SystemPackage

/// A connected stream socket whose every operation ends by a deadline.
struct UnixStream: ~Copyable {
    private let descriptor: OwnedDescriptor
    private let deadline: ContinuousClock.Instant

    /// Connects to the socket at `path`.
    ///
    /// `ETIMEDOUT` when nobody took the connection in time (the listener's queue is full); `ENAMETOOLONG` for a path that
    /// a socket address cannot hold. The corresponding C function is `connect`.
    init(connectingTo path: String, deadline: ContinuousClock.Instant) throws(Errno) {
        var address = try Self.address(of: path)
        let raw = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        guard raw >= 0 else { throw .last }
        let descriptor = OwnedDescriptor(raw)
        // A unix socket waits in connect() for a place in the listener's queue, as long as SO_SNDTIMEO says.
        var wait = Self.timeval(until: deadline)
        guard setsockopt(raw, SOL_SOCKET, SO_SNDTIMEO, &wait, socklen_t(MemoryLayout<timeval>.size)) == 0 else {
            throw .last
        }
        try withUnsafePointer(to: &address) { (pointer) throws(Errno) in
            try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { (pointer) throws(Errno) in
                while connect(raw, pointer, socklen_t(MemoryLayout<sockaddr_un>.size)) != 0 {
                    let errno = Errno.last
                    if errno == .resourceTemporarilyUnavailable { throw .timedOut }
                    if errno != .interrupted { throw errno }
                }
            }
        }
        self.descriptor = descriptor
        self.deadline = deadline
    }

    /// Sends all of `bytes`, or what the other side reads of them before it answers. `EPIPE` when it no longer reads; it
    /// may have answered all the same.
    func send(_ bytes: [UInt8]) throws(Errno) {
        var sent = 0
        while sent < bytes.count {
            // A server that answers before it has read all may read no more of it.
            if try wait(for: POLLIN | POLLOUT) & POLLOUT == 0 { return }
            let count = descriptor.withRaw { raw in
                bytes[sent...].withUnsafeBytes {
                    Glibc.send(raw, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL | MSG_DONTWAIT))
                }
            }
            if count < 0 { try Self.passOver(.last) }
            sent += max(0, count)
        }
    }

    /// The bytes that are there, at least one, at most `buffer.count`; 0 when the other side has closed.
    func receive(into buffer: inout [UInt8]) throws(Errno) -> Int {
        while true {
            try wait(for: POLLIN)
            let count = descriptor.withRaw { raw in
                buffer.withUnsafeMutableBytes { recv(raw, $0.baseAddress, $0.count, CInt(MSG_DONTWAIT)) }
            }
            if count >= 0 { return count }
            try Self.passOver(.last)
        }
    }

    /// Waits until the socket is ready or has failed; `ETIMEDOUT` past the deadline.
    /// - Returns: what it is ready for.
    @discardableResult
    private func wait(for events: CInt) throws(Errno) -> CInt {
        while true {
            let rest = ContinuousClock.now.duration(to: deadline)
            guard rest > .zero else { throw .timedOut }
            let (seconds, attoseconds) = rest.components
            let milliseconds = CInt(clamping: seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1)
            let (count, ready) = descriptor.withRaw { raw in
                var entry = pollfd(fd: raw, events: Int16(events), revents: 0)
                return (poll(&entry, 1, milliseconds), CInt(entry.revents))
            }
            if count > 0 { return ready }
            if count < 0 { try Self.passOver(.last) }
        }
    }

    /// Throws what is not just a reason to look again.
    private static func passOver(_ errno: Errno) throws(Errno) {
        if errno != .resourceTemporarilyUnavailable && errno != .interrupted { throw errno }
    }

    private static func address(of path: String) throws(Errno) -> sockaddr_un {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty else { throw .noSuchFileOrDirectory }
        guard !bytes.contains(0) else { throw .invalidArgument }
        // The last byte stays NUL.
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw .fileNameTooLong }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        return address
    }

    /// At least a millisecond: zero would mean for ever.
    private static func timeval(until deadline: ContinuousClock.Instant) -> timeval {
        let rest = max(ContinuousClock.now.duration(to: deadline), .milliseconds(1)).components
        return Glibc.timeval(tv_sec: Int(rest.seconds), tv_usec: Int(rest.attoseconds / 1_000_000_000_000))
    }
}
