// SPDX-License-Identifier: Apache-2.0

/// What a security group's rule says of the protocol: EC2's `IpProtocol`.
package enum IPProtocol: Hashable, Sendable {
    /// `-1`: every protocol and port.
    case all
    case tcp
    case udp
    case icmp
    case icmpv6
    /// Any other, by its number in the IP header (IANA's).
    case other(UInt8)

    /// By the number in the IP header.
    package init(number: UInt8) {
        switch number {
        case 1: self = .icmp
        case 6: self = .tcp
        case 17: self = .udp
        case 58: self = .icmpv6
        default: self = .other(number)
        }
    }

    /// By EC2's text: `tcp`, `udp`, `icmp`, `icmpv6` in any case, `-1` or `all`, or a number from 0 to 255.
    package init?(_ text: String) {
        switch text.lowercased() {
        case "-1", "all": self = .all
        case "tcp": self = .tcp
        case "udp": self = .udp
        case "icmp": self = .icmp
        case "icmpv6": self = .icmpv6
        case let text:
            // As it is written again: neither +6 nor 006.
            guard let number = UInt8(text), String(number) == text else { return nil }
            self.init(number: number)
        }
    }

    /// The number in the IP header; nil for all.
    package var number: UInt8? {
        switch self {
        case .all: nil
        case .tcp: 6
        case .udp: 17
        case .icmp: 1
        case .icmpv6: 58
        case .other(let number): number
        }
    }

    /// Whether a rule may name ports.
    package var hasPorts: Bool { self == .tcp || self == .udp }
    /// Whether a rule may name a type and a code.
    package var hasTypes: Bool { self == .icmp || self == .icmpv6 }
}

extension IPProtocol: CustomStringConvertible {
    /// As EC2 writes it.
    package var description: String {
        switch self {
        case .all: "-1"
        case .tcp: "tcp"
        case .udp: "udp"
        case .icmp: "icmp"
        case .icmpv6: "icmpv6"
        case .other(let number): String(number)
        }
    }
}

extension IPProtocol: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let value = Self(text) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "no IP protocol: \(text.shortened)")
        }
        self = value
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
