// SPDX-License-Identifier: Apache-2.0
import Addressing

/// A ping, as raw sockets send and hear it.
struct ICMPEcho: Sendable {
    let family: IPFamily
    /// Tells its answer from others.
    let identifier: UInt16

    init(_ family: IPFamily, identifier: UInt16) {
        self.family = family
        self.identifier = identifier
    }

    private static func types(_ family: IPFamily) -> (request: UInt8, reply: UInt8) {
        family == .v4 ? (8, 0) : (128, 129)
    }

    /// The kernel adds the IP header, and ICMPv6's checksum.
    var request: [UInt8] {
        var bytes: [UInt8] = [
            Self.types(family).request, 0, 0, 0, UInt8(identifier >> 8), UInt8(identifier & 0xFF), 0, 1,
        ]
        guard family == .v4 else { return bytes }
        let checksum = Self.checksum(bytes)
        (bytes[2], bytes[3]) = (UInt8(checksum >> 8), UInt8(checksum & 0xFF))
        return bytes
    }

    /// - Parameter packet: for IPv4 with its IP header.
    func isAnswered(by packet: [UInt8]) -> Bool {
        var message = packet[...]
        if family == .v4 {
            guard let first = packet.first else { return false }
            message = packet.dropFirst(Int(first & 0x0F) * 4)
        }
        guard message.count >= 8 else { return false }
        let bytes = Array(message)
        return bytes[0] == Self.types(family).reply && UInt16(bytes[4]) << 8 | UInt16(bytes[5]) == identifier
    }

    /// The Internet checksum (RFC 1071) of an even number of bytes.
    private static func checksum(_ bytes: [UInt8]) -> UInt16 {
        var sum: UInt32 = 0
        for place in stride(from: 0, to: bytes.count - 1, by: 2) {
            sum += UInt32(bytes[place]) << 8 | UInt32(bytes[place + 1])
        }
        while sum > 0xFFFF { sum = sum & 0xFFFF + sum >> 16 }
        return ~UInt16(truncatingIfNeeded: sum)
    }
}
