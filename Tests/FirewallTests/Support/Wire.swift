// SPDX-License-Identifier: Apache-2.0
import Addressing
import Glibc
import Linux

/// Frames to and from a link, below all that the kernel does with packets.
struct Wire: ~Copyable {
    private let socket: OwnedDescriptor
    let macAddress: MACAddress
    /// Who is at the other end.
    let router: MACAddress

    /// - Parameter index: the link's, in the namespace.
    init(in namespace: NetworkNamespace, index: Int32, _ macAddress: MACAddress, to router: MACAddress) throws {
        socket = try namespace.enter {
            let every = UInt16(0x0003).bigEndian  // ETH_P_ALL
            let raw = Glibc.socket(AF_PACKET, CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue), CInt(every))
            guard raw >= 0 else { throw LinuxError.last("open", "packet socket") }
            let socket = OwnedDescriptor(raw)
            var size: CInt = 4 << 20
            _ = setsockopt(raw, SOL_SOCKET, SO_RCVBUFFORCE, &size, socklen_t(MemoryLayout<CInt>.size))
            // struct sockaddr_ll
            var address = [UInt8](repeating: 0, count: 20)
            address.withUnsafeMutableBytes { bytes in
                bytes.storeBytes(of: UInt16(AF_PACKET), as: UInt16.self)
                bytes.storeBytes(of: every, toByteOffset: 2, as: UInt16.self)
                bytes.storeBytes(of: index, toByteOffset: 4, as: Int32.self)
            }
            let status = address.withUnsafeBytes { bytes in
                bind(raw, bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self), socklen_t(bytes.count))
            }
            guard status == 0 else { throw LinuxError.last("bind", "packet socket") }
            return socket
        }
        self.macAddress = macAddress
        self.router = router
    }

    func send(_ packet: Packet, from mac: MACAddress? = nil) throws {
        try send(packet.bytes, packet.source.family == .v4 ? 0x0800 : 0x86DD, from: mac)
    }

    /// - Parameter type: `ETH_P_*`
    func send(_ bytes: [UInt8], _ type: UInt16, from mac: MACAddress? = nil) throws {
        let frame = router.bytes + (mac ?? macAddress).bytes + type.bigEndianBytes + bytes
        let sent = socket.withRaw { Glibc.send($0, frame, frame.count, 0) }
        guard sent == frame.count else { throw LinuxError.last("send", "frame") }
    }

    /// The numbers of the packets of ours that have come since the last call.
    func received() -> [UInt32] {
        socket.withRaw { numbers(from: $0) }
    }
}

/// The host's own stack: packets that it sends, and those that get through to it.
struct HostStack {
    private let sending4, sending6: RawSocket
    private let receiving: [RawSocket]

    /// - Parameter transports: the numbers of the protocols to listen to.
    init(in namespace: NetworkNamespace, transports: [UInt8]) throws {
        sending4 = try RawSocket(in: namespace, AF_INET, CInt(IPPROTO_RAW))
        sending6 = try RawSocket(in: namespace, AF_INET6, CInt(IPPROTO_RAW))
        receiving = try transports.flatMap { transport in
            try [AF_INET, AF_INET6].map { try RawSocket(in: namespace, $0, CInt(transport)) }
        }
    }

    /// Can be held in a list, which an `OwnedDescriptor` cannot.
    private final class RawSocket {
        let descriptor: OwnedDescriptor

        init(in namespace: NetworkNamespace, _ family: CInt, _ transport: CInt) throws {
            descriptor = try namespace.enter {
                let raw = socket(family, CInt(SOCK_RAW.rawValue) | CInt(SOCK_CLOEXEC.rawValue), transport)
                guard raw >= 0 else { throw LinuxError.last("open", "raw socket") }
                return OwnedDescriptor(raw)
            }
        }
    }

    /// A packet that the filter drops on its way out is no error here.
    func send(_ packet: Packet) throws {
        let bytes = packet.bytes
        let sent =
            switch packet.destination {
            case .v4(let destination): sending4.descriptor.withRaw { Self.send($0, bytes, to: destination) }
            case .v6(let destination): sending6.descriptor.withRaw { Self.send($0, bytes, to: destination) }
            }
        guard sent == bytes.count || errno == EPERM else { throw LinuxError.last("send", "packet") }
    }

    private static func send(_ raw: CInt, _ bytes: [UInt8], to destination: IPv4Address) -> Int {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = destination.rawValue.bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(raw, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }

    private static func send(_ raw: CInt, _ bytes: [UInt8], to destination: IPv6Address) -> Int {
        var address = sockaddr_in6()
        address.sin6_family = sa_family_t(AF_INET6)
        withUnsafeMutableBytes(of: &address.sin6_addr) { $0.copyBytes(from: destination.bytes) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(raw, bytes, bytes.count, 0, $0, socklen_t(MemoryLayout<sockaddr_in6>.size))
            }
        }
    }

    func received() -> [UInt32] { receiving.flatMap { $0.descriptor.withRaw { numbers(from: $0) } } }
}

private func numbers(from raw: CInt) -> [UInt32] {
    var numbers: [UInt32] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
        let count = recv(raw, &buffer, buffer.count, CInt(MSG_DONTWAIT))
        guard count >= 0 else { return numbers }
        if let number = Packet.number(in: buffer[..<count]) { numbers.append(number) }
    }
}
