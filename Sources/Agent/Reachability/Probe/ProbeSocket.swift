// SPDX-License-Identifier: Apache-2.0
import Addressing
import CLinux
import Glibc
import Linux
import SystemPackage

/// A socket of a network namespace that waits for nothing by itself, and hears of every error that comes back.
struct ProbeSocket: ~Copyable {
    private let descriptor: OwnedDescriptor

    /// - Parameters:
    ///   - type: `SOCK_*`
    ///   - transport: `IPPROTO_*`
    init(_ family: IPFamily, type: CInt, transport: CInt, in namespace: NetworkNamespace) throws {
        // The socket stays there; the thread does not.
        let descriptor = try namespace.enter {
            let domain = family == .v4 ? AF_INET : AF_INET6
            let flags = CInt(SOCK_NONBLOCK.rawValue) | CInt(SOCK_CLOEXEC.rawValue)
            let raw = socket(domain, type | flags, transport)
            guard raw >= 0 else { throw LinuxError("open", "socket", Errno.last) }
            return OwnedDescriptor(raw)
        }
        var isOn: CInt = 1
        let (level, option) =
            family == .v4 ? (CInt(IPPROTO_IP), CInt(IP_RECVERR)) : (CInt(IPPROTO_IPV6), CInt(IPV6_RECVERR))
        let status = descriptor.withRaw { setsockopt($0, level, option, &isOn, socklen_t(MemoryLayout<CInt>.size)) }
        guard status == 0 else { throw LinuxError("ask for errors of", "socket", Errno.last) }
        self.descriptor = descriptor
    }

    func bind(to address: IPAddress) throws(Errno) {
        try Self.check(
            address.withSocketAddress(port: 0) { pointer, length in
                descriptor.withRaw { Glibc.bind($0, pointer, length) }
            })
    }

    /// `EINPROGRESS` is what a TCP connection begins with.
    func connect(to address: IPAddress, port: UInt16) throws(Errno) {
        try Self.check(
            address.withSocketAddress(port: port) { pointer, length in
                descriptor.withRaw { Glibc.connect($0, pointer, length) }
            })
    }

    func send(_ bytes: [UInt8]) throws(Errno) {
        try Self.check(descriptor.withRaw { CInt(Glibc.send($0, bytes, bytes.count, CInt(MSG_NOSIGNAL))) })
    }

    func receive() throws(Errno) -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: 2048)
        let count = descriptor.withRaw { recv($0, &buffer, buffer.count, 0) }
        guard count >= 0 else { throw Errno.last }
        return Array(buffer[..<count])
    }

    /// Waits for any of `events` (`POLL*`) or an error. Blocks the thread.
    /// - Returns: false when the deadline came first.
    func wait(for events: CInt, until deadline: ContinuousClock.Instant) throws(Errno) -> Bool {
        while true {
            let left = ContinuousClock.now.duration(to: deadline)
            guard left > .zero else { return false }
            let (seconds, attoseconds) = left.components
            let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000 + 1
            var entry = pollfd(fd: descriptor.withRaw { $0 }, events: Int16(events), revents: 0)
            let status = poll(&entry, 1, CInt(min(milliseconds, 60_000)))
            if status > 0 { return true }
            if status < 0, Errno.last != .interrupted { throw Errno.last }
        }
    }

    /// What the socket has failed with, which it forgets; nil when it has not.
    func error() throws(Errno) -> Errno? {
        var code: CInt = 0
        var length = socklen_t(MemoryLayout<CInt>.size)
        try Self.check(descriptor.withRaw { getsockopt($0, SOL_SOCKET, SO_ERROR, &code, &length) })
        return code == 0 ? nil : Errno(rawValue: code)
    }

    /// The next thing that came back; nil when there is none.
    func nextReturned() -> ReturnedError? {
        var found = tasknet_socket_error()
        guard descriptor.withRaw({ tasknet_socket_error_next($0, &found) }) == 0 else { return nil }
        return ReturnedError(found)
    }

    private static func check(_ status: CInt) throws(Errno) {
        guard status >= 0 else { throw Errno.last }
    }
}

/// Why something that was sent did not arrive.
struct ReturnedError: Hashable, Sendable {
    let errno: Errno
    /// Whoever said so by ICMP; nil for this host's own finding.
    let offender: IPAddress?
    /// `ICMP_*`, `ICMPV6_*`
    let type: UInt8
    let code: UInt8

    init(_ found: tasknet_socket_error) {
        errno = Errno(rawValue: found.error)
        let bytes = withUnsafeBytes(of: found.offender) { Array($0.prefix(Int(found.offender_length))) }
        offender = found.is_icmp == 0 ? nil : IPAddress(bytes: bytes)
        type = found.type
        code = found.code
    }
}

extension IPAddress {
    fileprivate func withSocketAddress(
        port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) -> CInt {
        switch self {
        case .v4(let address):
            var raw = sockaddr_in()
            raw.sin_family = sa_family_t(AF_INET)
            raw.sin_port = port.bigEndian
            raw.sin_addr.s_addr = address.rawValue.bigEndian
            return Self.with(&raw, body)
        case .v6:
            var raw = sockaddr_in6()
            raw.sin6_family = sa_family_t(AF_INET6)
            raw.sin6_port = port.bigEndian
            withUnsafeMutableBytes(of: &raw.sin6_addr) { $0.copyBytes(from: bytes) }
            return Self.with(&raw, body)
        }
    }

    private static func with<Raw>(_ raw: inout Raw, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt) -> CInt {
        withUnsafeBytes(of: &raw) { buffer in
            guard let base = buffer.baseAddress else { return -1 }
            return body(base.assumingMemoryBound(to: sockaddr.self), socklen_t(buffer.count))
        }
    }
}
