// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

/// Somewhere that packets come from and go to: a network namespace and its addresses.
struct Place: Sendable {
    let name: String
    let namespace: FilePath
    /// By family: "v4", "v6".
    let addresses: [Traffic.Family: String]
}

/// Real packets of one kind between two places, from sockets of the test's own in their namespaces.
struct Traffic: Sendable, CustomStringConvertible {
    enum Family: String, CaseIterable, Sendable { case v4, v6 }
    enum Kind: String, CaseIterable, Sendable { case tcp, udp, icmp }

    /// What became of it.
    enum Outcome: Equatable, Sendable {
        case arrived
        /// The sender was told: by a reset or an ICMP error.
        case refused
        /// Somebody on the way says that he has dropped it.
        case dropped
    }

    let source: Place
    let destination: Place
    let family: Family
    let kind: Kind
    static let port: UInt16 = 7777

    var description: String { "\(kind) \(family) from \(source.name) to \(destination.name)" }

    /// Sends, and waits until one of the outcomes is seen: there is no time after which silence means anything.
    ///
    /// - Parameter drops: how much has been dropped so far, by anybody on the way.
    func outcome(drops: () throws -> Int) throws -> Outcome {
        guard let from = source.addresses[family], let to = destination.addresses[family] else {
            throw Errno.invalidArgument
        }
        let before = try drops()
        let receiver = try NetworkNamespace(path: destination.namespace).enter { try Self.receiver(kind, on: to) }
        let sender = try NetworkNamespace(path: source.namespace).enter { try Self.sender(kind, from: from, to: to) }
        for _ in 0..<3000 {
            switch try Self.look(kind, sender, receiver) {
            case let outcome?: return outcome
            case nil where try drops() > before: return .dropped
            case nil: continue
            }
        }
        throw Errno.timedOut
    }

    /// One look, which waits 20 ms at most.
    private static func look(
        _ kind: Kind, _ sender: borrowing OwnedDescriptor, _ receiver: borrowing OwnedDescriptor
    ) throws -> Outcome? {
        let (out, back) = (sender.withRaw { $0 }, receiver.withRaw { $0 })
        var entries = [
            pollfd(fd: out, events: Int16(kind == .tcp ? POLLOUT : POLLIN), revents: 0),
            pollfd(fd: back, events: Int16(POLLIN), revents: 0),
        ]
        guard poll(&entries, kind == .udp ? 2 : 1, 20) > 0 else { return nil }
        var problem: CInt = 0
        var size = socklen_t(MemoryLayout<CInt>.size)
        getsockopt(out, SOL_SOCKET, SO_ERROR, &problem, &size)
        if problem != 0 { return .refused }
        switch kind {
        case .tcp: return entries[0].revents & Int16(POLLOUT) != 0 ? .arrived : nil
        case .udp: return entries[1].revents & Int16(POLLIN) != 0 ? .arrived : nil
        case .icmp: return try isEchoReply(out) ? .arrived : nil
        }
    }

    /// A raw socket also hears of what others are told.
    private static func isEchoReply(_ raw: CInt) throws -> Bool {
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = recv(raw, &bytes, bytes.count, CInt(MSG_DONTWAIT))
        guard count > 8 else { return false }
        // IPv4 comes with its header.
        let type = bytes[0] >> 4 == 4 ? bytes[Int(bytes[0] & 0xF) * 4] : bytes[0]
        return type == 0 || type == 129
    }

    static func receiver(_ kind: Kind, on address: String) throws -> OwnedDescriptor {
        let type = kind == .tcp ? SOCK_STREAM : SOCK_DGRAM
        let descriptor = try open(address, type, 0)
        var yes: CInt = 1
        try descriptor.withRaw { raw in
            setsockopt(raw, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<CInt>.size))
            guard kind != .icmp else { return }
            try withAddress(address, port) { if bind(raw, $0, $1) != 0 { throw Errno(rawValue: errno) } }
            if kind == .tcp, listen(raw, 8) != 0 { throw Errno(rawValue: errno) }
        }
        return descriptor
    }

    private static func sender(_ kind: Kind, from: String, to: String) throws -> OwnedDescriptor {
        let isIPv6 = to.contains(":")
        let descriptor =
            switch kind {
            case .tcp: try open(to, SOCK_STREAM, 0)
            case .udp: try open(to, SOCK_DGRAM, 0)
            case .icmp: try open(to, SOCK_RAW, CInt(isIPv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP))
            }
        try descriptor.withRaw { raw in
            try withAddress(from, 0) { if bind(raw, $0, $1) != 0 { throw Errno(rawValue: errno) } }
            try withAddress(to, kind == .icmp ? 0 : port) { address, length in
                if connect(raw, address, length) != 0, errno != EINPROGRESS { throw Errno(rawValue: errno) }
            }
            switch kind {
            case .tcp: break
            case .udp: _ = send(raw, "x", 1, 0)
            case .icmp:
                // Echo request; the kernel sums up ICMPv6 by itself.
                var message: [UInt8] =
                    isIPv6 ? [128, 0, 0, 0, 0, 1, 0, 1, 0, 0] : [8, 0, 0xF7, 0xFD, 0, 1, 0, 1, 0, 0]
                _ = send(raw, &message, message.count, 0)
            }
        }
        return descriptor
    }

    static func open(_ address: String, _ type: __socket_type, _ number: CInt) throws -> OwnedDescriptor {
        let family = address.contains(":") ? AF_INET6 : AF_INET
        let flags = CInt(type.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let raw = socket(family, flags, number)
        guard raw >= 0 else { throw Errno(rawValue: errno) }
        return OwnedDescriptor(raw)
    }

    static func withAddress(
        _ text: String, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Void
    ) throws {
        func pass<Address>(_ address: Address) throws {
            try withUnsafeBytes(of: address) { bytes in
                guard let start = bytes.bindMemory(to: sockaddr.self).baseAddress else { return }
                try body(start, socklen_t(bytes.count))
            }
        }
        if text.contains(":") {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            address.sin6_port = port.bigEndian
            guard inet_pton(AF_INET6, text, &address.sin6_addr) == 1 else { throw Errno.invalidArgument }
            try pass(address)
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_port = port.bigEndian
            guard inet_pton(AF_INET, text, &address.sin_addr) == 1 else { throw Errno.invalidArgument }
            try pass(address)
        }
    }
}
