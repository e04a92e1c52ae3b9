// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Glibc
import Linux
import SystemPackage
import VPC

/// Pings all ENIs at once from the host.
enum Echo {
    /// - Returns: those that do not answer within two seconds, in words.
    static func silent(_ survey: Survey) throws -> [String] {
        let crossing = survey.api.interfaces.filter { $0.interfaceType == .veth && $0.status == .attached }
        let addresses = Set(crossing.flatMap(\.addresses))
        let silent =
            try silent(addresses.filter { IPAddress($0)?.v4 != nil }, isIPv6: false)
            + silent(addresses.filter { IPAddress($0)?.v6 != nil }, isIPv6: true)
        return silent.map { address in
            let owner = crossing.first { $0.addresses.contains(address) }
            let name = owner?.taskID.map { "task \($0)" } ?? "sandbox \(owner?.sandbox?.containerId ?? "?")"
            return "\(name): \(address) (\(owner?.networkInterfaceId ?? "?")) does not answer to ping"
        }
    }

    private static func silent(_ addresses: Set<String>, isIPv6: Bool) throws -> [String] {
        var waiting = addresses
        let descriptor = OwnedDescriptor(
            socket(
                isIPv6 ? AF_INET6 : AF_INET, CInt(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue),
                CInt(isIPv6 ? IPPROTO_ICMPV6 : IPPROTO_ICMP)))
        let deadline = ContinuousClock.now.advanced(by: .seconds(2))
        for address in addresses { send(to: address, isIPv6, descriptor) }
        while !waiting.isEmpty, try descriptor.waitUntilReadable(until: deadline) {
            if let sender = receive(isIPv6, descriptor) { waiting.remove(sender) }
        }
        return waiting.sorted()
    }

    private static let identifier = UInt16(truncatingIfNeeded: getpid())

    private static func send(to address: String, _ isIPv6: Bool, _ descriptor: borrowing OwnedDescriptor) {
        // Type, code, checksum, identifier, sequence number. The kernel fills ICMPv6's checksum in.
        var packet: [UInt8] = [isIPv6 ? 128 : 8, 0, 0, 0, UInt8(identifier >> 8), UInt8(identifier & 0xFF), 0, 1]
        if !isIPv6 {
            let sum = 0x0800 + UInt32(identifier) + 1
            let checksum = ~UInt16(truncatingIfNeeded: (sum & 0xFFFF) + (sum >> 16))
            (packet[2], packet[3]) = (UInt8(checksum >> 8), UInt8(checksum & 0xFF))
        }
        withSocketAddress(address, isIPv6) { pointer, length in
            _ = descriptor.withRaw { sendto($0, packet, packet.count, 0, pointer, length) }
        }
    }

    /// The sender of an answer.
    private static func receive(_ isIPv6: Bool, _ descriptor: borrowing OwnedDescriptor) -> String? {
        var packet = [UInt8](repeating: 0, count: 1500)
        var sender = sockaddr_storage()
        var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
        let count = withUnsafeMutablePointer(to: &sender) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                descriptor.withRaw { recvfrom($0, &packet, packet.count, 0, pointer, &length) }
            }
        }
        guard count > 0 else { return nil }
        // IPv4 comes with its header, whose length is in it.
        let start = isIPv6 ? 0 : Int(packet[0] & 0x0F) * 4
        guard count >= start + 8, packet[start] == (isIPv6 ? 129 : 0),
            packet[start + 4] == UInt8(identifier >> 8), packet[start + 5] == UInt8(identifier & 0xFF)
        else { return nil }
        var text = [CChar](repeating: 0, count: Int(INET6_ADDRSTRLEN))
        let status = withUnsafePointer(to: &sender) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getnameinfo($0, length, &text, socklen_t(text.count), nil, 0, NI_NUMERICHOST)
            }
        }
        guard status == 0 else { return nil }
        return IPAddress(String(decoding: text.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self))
            .map { "\($0)" }
    }

    private static func withSocketAddress(
        _ text: String, _ isIPv6: Bool, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Void
    ) {
        if isIPv6 {
            var address = sockaddr_in6()
            address.sin6_family = sa_family_t(AF_INET6)
            inet_pton(AF_INET6, text, &address.sin6_addr)
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in6>.size))
                }
            }
        } else {
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            inet_pton(AF_INET, text, &address.sin_addr)
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
    }
}
