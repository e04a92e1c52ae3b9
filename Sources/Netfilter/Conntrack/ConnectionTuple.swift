// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// One direction of a connection, as the kernel tells connections apart.
package struct ConnectionTuple: Hashable, Sendable, CustomStringConvertible {
    /// What is above the addresses.
    package enum Transport: Hashable, Sendable {
        /// TCP, UDP, SCTP, DCCP, UDP-Lite: the protocol's number, and ports.
        case ports(UInt8, source: UInt16, destination: UInt16)
        /// ICMP (1) or ICMPv6 (58)
        case icmp(UInt8, type: UInt8, code: UInt8, id: UInt16)
        /// A protocol without any of those.
        case other(UInt8)
    }

    package let source: IPAddress
    /// Of the same family as the source.
    package let destination: IPAddress
    package let transport: Transport
    /// The zone for this direction alone, where it has one (nft's `ct original zone set`).
    package let zone: UInt16?

    package init(_ source: IPAddress, _ destination: IPAddress, _ transport: Transport, zone: UInt16? = nil) {
        self.source = source
        self.destination = destination
        self.transport = transport
        self.zone = zone
    }

    package var description: String {
        let zone = zone.map { " zone \($0)" } ?? ""
        return switch transport {
        case .ports(let number, let from, let to):
            "protocol \(number) from \(source) port \(from) to \(destination) port \(to)\(zone)"
        case .icmp(let number, let type, let code, let id):
            "protocol \(number) from \(source) to \(destination) type \(type) code \(code) id \(id)\(zone)"
        case .other(let number):
            "protocol \(number) from \(source) to \(destination)\(zone)"
        }
    }
}

extension ConnectionTuple.Transport {
    /// `IPPROTO_*`
    package var number: UInt8 {
        switch self {
        case .ports(let number, source: _, destination: _), .icmp(let number, type: _, code: _, id: _),
            .other(let number):
            number
        }
    }
}
