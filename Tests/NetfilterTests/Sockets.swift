// SPDX-License-Identifier: Apache-2.0
import Addressing
import Glibc
import Linux
import SystemPackage

/// A socket that stays in the namespace that it was opened in.
struct TCPSocket: ~Copyable {
    private let descriptor: OwnedDescriptor

    /// One that listens at all addresses, at a port of the kernel's choice.
    static func listening(_ family: IPFamily) throws -> TCPSocket {
        let socket = try TCPSocket(descriptor: open(family, SOCK_STREAM))
        guard socket.descriptor.withRaw({ listen($0, 1) }) == 0 else { throw LinuxError.last("listen", "socket") }
        return socket
    }

    static func connected(_ address: IPAddress, _ port: UInt16) throws -> TCPSocket {
        let socket = try TCPSocket(descriptor: open(address.family, SOCK_STREAM))
        let status = socket.descriptor.withRaw { raw in
            withSocketAddress(address, port) { connect(raw, $0, $1) }
        }
        guard status == 0 else { throw LinuxError.last("connect to", "\(address)") }
        return socket
    }

    /// Its own.
    func port() throws -> UInt16 {
        var address = sockaddr_in6()
        var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
        let status = descriptor.withRaw { raw in
            withUnsafeMutablePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(raw, $0, &length) }
            }
        }
        guard status == 0 else { throw LinuxError.last("name", "socket") }
        // In the same place in both families.
        return UInt16(bigEndian: address.sin6_port)
    }
}

enum UDPSocket {
    /// Sends a byte to somebody who need not be there.
    static func send(_ address: IPAddress, _ port: UInt16) throws {
        let socket = try open(address.family, SOCK_DGRAM)
        let count = socket.withRaw { raw in
            withSocketAddress(address, port) { sendto(raw, "x", 1, 0, $0, $1) }
        }
        guard count == 1 else { throw LinuxError.last("send to", "\(address)") }
    }
}

private func open(_ family: IPFamily, _ type: __socket_type) throws -> OwnedDescriptor {
    let raw = socket(family == .v4 ? AF_INET : AF_INET6, CInt(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard raw >= 0 else { throw LinuxError.last("open", "socket") }
    return OwnedDescriptor(raw)
}

private func withSocketAddress<Result>(
    _ address: IPAddress, _ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) -> Result {
    func lend<Address>(_ value: Address) -> Result {
        withUnsafePointer(to: value) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<Address>.size))
            }
        }
    }
    switch address {
    case .v4(let address):
        var value = sockaddr_in()
        value.sin_family = sa_family_t(AF_INET)
        value.sin_port = port.bigEndian
        value.sin_addr.s_addr = address.rawValue.bigEndian
        return lend(value)
    case .v6(let address):
        var value = sockaddr_in6()
        value.sin6_family = sa_family_t(AF_INET6)
        value.sin6_port = port.bigEndian
        withUnsafeMutableBytes(of: &value.sin6_addr) { $0.copyBytes(from: address.bytes) }
        return lend(value)
    }
}
