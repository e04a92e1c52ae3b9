// SPDX-License-Identifier: Apache-2.0
import Addressing

/// A packet that a test sends byte by byte, and knows again by the number at its end.
struct Packet {
    enum Transport: Hashable {
        case tcp(source: UInt16, destination: UInt16, flags: UInt8)
        case udp(source: UInt16, destination: UInt16)
        /// ICMP or ICMPv6, by the addresses. The identifier is in the place where echo requests have it.
        case icmp(type: UInt8, code: UInt8, id: UInt16)
        /// By its number in the IP header.
        case other(UInt8)
    }

    var source: IPAddress
    var destination: IPAddress
    var transport: Transport
    var number: UInt32

    static let syn: UInt8 = 0x02
    static let ack: UInt8 = 0x10

    private static let mark = Array("tasknet-test".utf8)

    /// The number of a packet of ours, wherever it begins; nil for any other.
    static func number(in bytes: ArraySlice<UInt8>) -> UInt32? {
        guard bytes.count >= mark.count + 4, bytes.dropLast(4).suffix(mark.count).elementsEqual(mark) else {
            return nil
        }
        return bytes.suffix(4).reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// From the IP header on.
    var bytes: [UInt8] {
        let content = Self.mark + number.bigEndianBytes
        var (transportNumber, body): (UInt8, [UInt8]) =
            switch transport {
            case .tcp(let source, let destination, let flags):
                (
                    6,
                    source.bigEndianBytes + destination.bigEndianBytes + UInt32(1).bigEndianBytes
                        + UInt32(flags & Self.ack == 0 ? 0 : 1).bigEndianBytes + [0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0]
                )
            case .udp(let source, let destination):
                (
                    17,
                    source.bigEndianBytes + destination.bigEndianBytes
                        + UInt16(8 + content.count).bigEndianBytes + [0, 0]
                )
            case .icmp(let type, let code, let id):
                (source.family == .v4 ? 1 : 58, [type, code, 0, 0] + id.bigEndianBytes + [0, 1])
            case .other(let number): (number, [])
            }
        body += content
        put(Self.sum(pseudoHeader(transportNumber, body.count)), into: &body, transportNumber)
        return header(transportNumber, body.count) + body
    }

    private func put(_ pseudo: UInt32, into body: inout [UInt8], _ transportNumber: UInt8) {
        let place: Int
        switch transportNumber {
        case 6: place = 16
        case 17: place = 6
        case 1, 58: place = 2
        default: return
        }
        let sum = Self.sum(body) + (transportNumber == 1 ? 0 : pseudo)
        let check = Self.folded(sum).bigEndianBytes
        body[place] = check[0]
        body[place + 1] = check[1]
    }

    private func pseudoHeader(_ transportNumber: UInt8, _ length: Int) -> [UInt8] {
        source.bytes + destination.bytes + UInt32(length).bigEndianBytes + [0, 0, 0, transportNumber]
    }

    private func header(_ transportNumber: UInt8, _ length: Int) -> [UInt8] {
        guard source.family == .v4 else {
            return [0x60, 0, 0, 0] + UInt16(length).bigEndianBytes + [transportNumber, 64] + source.bytes
                + destination.bytes
        }
        var header: [UInt8] =
            [0x45, 0] + UInt16(20 + length).bigEndianBytes + [0, 0, 0x40, 0, 64, transportNumber, 0, 0]
            + source.bytes + destination.bytes
        let check = Self.folded(Self.sum(header)).bigEndianBytes
        header[10] = check[0]
        header[11] = check[1]
        return header
    }

    private static func sum(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt32 = 0
        for place in stride(from: 0, to: bytes.count, by: 2) {
            sum += UInt32(bytes[place]) << 8 | (place + 1 < bytes.count ? UInt32(bytes[place + 1]) : 0)
        }
        return sum
    }

    private static func folded(_ sum: UInt32) -> UInt16 {
        var sum = sum
        while sum >> 16 != 0 { sum = sum & 0xFFFF + sum >> 16 }
        return ~UInt16(truncatingIfNeeded: sum)
    }

    /// ICMPv6 of neighbour discovery: a type, flags, a target, and one option with a MAC.
    static func neighbourDiscovery(
        _ type: UInt8, from source: IPAddress, to destination: IPAddress, target: IPv6Address, _ mac: MACAddress
    ) -> [UInt8] {
        var body: [UInt8] =
            [type, 0, 0, 0, type == 136 ? 0x60 : 0, 0, 0, 0] + target.bytes + [type == 136 ? 2 : 1, 1] + mac.bytes
        let packet = Packet(source: source, destination: destination, transport: .other(58), number: 0)
        packet.put(sum(packet.pseudoHeader(58, body.count)), into: &body, 58)
        var header = packet.header(58, body.count)
        header[7] = 255
        return header + body
    }

    /// Its first 8 bytes behind the IP header, as the first of more fragments.
    var firstFragment: [UInt8] {
        var bytes = bytes
        if source.family == .v4 {
            bytes = Array(bytes.prefix(28))
            bytes.replaceSubrange(2..<4, with: UInt16(28).bigEndianBytes)
            bytes[6] = 0x20
            bytes.replaceSubrange(10..<12, with: [0, 0])
            let check = Self.folded(Self.sum(Array(bytes.prefix(20)))).bigEndianBytes
            bytes.replaceSubrange(10..<12, with: check)
        } else {
            bytes = bytes.prefix(40) + [bytes[6], 0, 0, 1, 0, 0, 0, 1] + bytes[40..<48]
            bytes.replaceSubrange(4..<6, with: UInt16(16).bigEndianBytes)
            bytes[6] = 44
        }
        return bytes
    }

    /// With an IPv4 option that routes it by another address.
    func routed(_ option: UInt8, by router: IPv4Address) -> [UInt8] {
        var bytes = bytes
        bytes.insert(contentsOf: [option, 7, 4] + router.bytes + [0], at: 20)
        bytes[0] = 0x47
        bytes.replaceSubrange(2..<4, with: UInt16(bytes.count).bigEndianBytes)
        bytes.replaceSubrange(10..<12, with: [0, 0])
        bytes.replaceSubrange(10..<12, with: Self.folded(Self.sum(Array(bytes.prefix(28)))).bigEndianBytes)
        return bytes
    }

    /// An ICMP error: the port that a packet was for is closed.
    static func portUnreachable(_ packet: Packet, from source: IPAddress, to destination: IPAddress) -> [UInt8] {
        let (transport, kind): (UInt8, [UInt8]) = source.family == .v4 ? (1, [3, 3]) : (58, [1, 4])
        var body = kind + [0, 0, 0, 0, 0, 0] + packet.bytes
        let error = Packet(source: source, destination: destination, transport: .other(transport), number: 0)
        error.put(sum(error.pseudoHeader(transport, body.count)), into: &body, transport)
        return error.header(transport, body.count) + body
    }

    static func arpRequest(from mac: MACAddress, _ source: IPv4Address, for target: IPv4Address) -> [UInt8] {
        [0, 1, 8, 0, 6, 4, 0, 1] + mac.bytes + source.bytes + [0, 0, 0, 0, 0, 0] + target.bytes
    }
}

extension FixedWidthInteger {
    var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian) { Array($0) } }
}
