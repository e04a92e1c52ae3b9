// SPDX-License-Identifier: Apache-2.0
package import Addressing
import CNetfilter
import Glibc
import SystemPackage

/// What a set is searched by, as the bytes that the kernel compares. Two keys are equal when their bytes are.
package struct SetKey: Sendable {
    /// One field of a key.
    package enum Part: Hashable, Sendable {
        /// nft's `ifname`: 16 bytes, filled up with zeros.
        case interface(String)
        /// `ether_addr`: 6 bytes
        case mac(MACAddress)
        /// `ipv4_addr` or `ipv6_addr`: 4 or 16 bytes in network order
        case address(IPAddress)
        /// `mark`, `devgroup` and other numbers of the kernel's own: 4 bytes in the host's order.
        case number(UInt32)
        /// The same in a set with nft's `flags interval`, whose rules turn them round: 4 bytes in network order.
        case orderedNumber(UInt32)
        /// `inet_proto`: 1 byte
        case transport(UInt8)
        /// `inet_service`: 2 bytes in network order
        case port(UInt16)
    }

    /// Each field of a concatenation padded to four bytes; a single field as it is.
    package let bytes: [UInt8]
    /// For messages; nil in what the kernel told.
    private let parts: [Part]?

    /// A key of one field, or of several in a concatenation.
    ///
    /// - Throws: `EINVAL` for an interface name that is none, and for a key that no set can have.
    package init(_ parts: Part...) throws(NetfilterError) {
        try self.init(parts)
    }

    package init(_ parts: [Part]) throws(NetfilterError) {
        var bytes: [UInt8] = []
        for part in parts {
            do throws(Refusal) {
                bytes += try part.bytes()
            } catch {
                throw NetfilterError("make", "key", error)
            }
            guard parts.count > 1 else { continue }
            bytes += repeatElement(0, count: -bytes.count & (Self.fieldAlignment - 1))
        }
        guard (1...Self.maximumLength).contains(bytes.count) else {
            throw NetfilterError(
                "make", "key", .invalidArgument, "\(bytes.count) bytes long, 1 to \(Self.maximumLength) are allowed")
        }
        self.bytes = bytes
        self.parts = parts
    }

    /// A key of the kernel's or of libnftnl's.
    init(bytes: [UInt8]) {
        self.bytes = bytes
        parts = nil
    }

    /// A single address.
    package init(_ address: IPAddress) {
        bytes = address.bytes
        parts = [.address(address)]
    }

    /// The corresponding C constant is `NFT_DATA_VALUE_MAXLEN`.
    static let maximumLength = Int(NFT_DATA_VALUE_MAXLEN)
    /// The kernel's registers. The corresponding C constant is `NFT_REG32_SIZE`.
    private static let fieldAlignment = Int(NFT_REG32_SIZE)
}

extension SetKey: Hashable, Comparable {
    package static func == (left: SetKey, right: SetKey) -> Bool { left.bytes == right.bytes }
    package func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
    package static func < (left: SetKey, right: SetKey) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }

    /// The key behind this one, as a number in network order; nil behind the last.
    var successor: SetKey? { stepped { $0.addingReportingOverflow($1) } }
    /// The key before this one; nil before the first.
    var predecessor: SetKey? { stepped { $0.subtractingReportingOverflow($1) } }

    /// The last one of the same length.
    var last: SetKey { SetKey(bytes: bytes.map { _ in 0xFF }) }

    private func stepped(_ step: (UInt8, UInt8) -> (partialValue: UInt8, overflow: Bool)) -> SetKey? {
        var bytes = bytes
        for place in bytes.indices.reversed() {
            let (value, carries) = step(bytes[place], 1)
            bytes[place] = value
            if !carries { return SetKey(bytes: bytes) }
        }
        return nil
    }
}

extension SetKey: CustomStringConvertible {
    /// "eth0 . 10.0.9.1" as in nft, or the bytes when it is not known what they mean.
    package var description: String {
        guard let parts else {
            return "0x" + bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
        }
        return parts.map(\.description).joined(separator: " . ")
    }
}

extension SetKey.Part: CustomStringConvertible {
    package var description: String {
        switch self {
        case .interface(let name): "\"\(name)\""
        case .mac(let address): "\(address)"
        case .address(let address): "\(address)"
        case .number(let number), .orderedNumber(let number): "0x\(String(number, radix: 16))"
        case .transport(let number): "protocol \(number)"
        case .port(let port): "port \(port)"
        }
    }

    func bytes() throws(Refusal) -> [UInt8] {
        switch self {
        case .interface(let name): try Self.padded(name)
        case .mac(let address): address.bytes
        case .address(let address): address.bytes
        case .number(let number): withUnsafeBytes(of: number) { Array($0) }
        case .orderedNumber(let number): withUnsafeBytes(of: number.bigEndian) { Array($0) }
        case .transport(let number): [number]
        case .port(let port): [UInt8(port >> 8), UInt8(port & 0xFF)]
        }
    }

    private static func padded(_ name: String) throws(Refusal) -> [UInt8] {
        let bytes = Array(name.utf8)
        guard !bytes.isEmpty, bytes.count < Int(IFNAMSIZ), bytes.allSatisfy({ $0 > 0x20 && $0 != 0x2F && $0 != 0x7F })
        else { throw Refusal(.invalidArgument, "\"\(name)\" is no interface's name: 1 to \(Int(IFNAMSIZ) - 1) bytes") }
        return bytes + repeatElement(0, count: Int(IFNAMSIZ) - bytes.count)
    }
}
