// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// The first packet of a connection, or one that has none: what security groups judge.
package struct Flow: Hashable, Sendable {
    package enum Transport: Hashable, Sendable {
        case tcp(sourcePort: UInt16 = 0, destinationPort: UInt16)
        case udp(sourcePort: UInt16 = 0, destinationPort: UInt16)
        case icmp(type: UInt8, code: UInt8)
        case icmpv6(type: UInt8, code: UInt8)
        /// By the number in the IP header (IANA's), nothing else known: rules that name ports or types do not fit.
        case other(UInt8)
    }

    package var source: IPAddress
    package var destination: IPAddress
    package var transport: Transport

    package init(source: IPAddress, destination: IPAddress, transport: Transport) {
        self.source = source
        self.destination = destination
        self.transport = transport
    }

    package var ipProtocol: IPProtocol {
        switch transport {
        case .tcp: .tcp
        case .udp: .udp
        case .icmp: .icmp
        case .icmpv6: .icmpv6
        case .other(let number): IPProtocol(number: number)
        }
    }

    /// `tcp`, `udp`: where it goes to.
    package var destinationPort: Int? {
        switch transport {
        case .tcp(_, let port), .udp(_, let port): Int(port)
        case .icmp, .icmpv6, .other: nil
        }
    }

    /// `icmp`, `icmpv6`.
    package var typeAndCode: (type: Int, code: Int)? {
        switch transport {
        case .icmp(let type, let code), .icmpv6(let type, let code): (Int(type), Int(code))
        case .tcp, .udp, .other: nil
        }
    }

    /// The address that a rule of this direction looks at: the other side's.
    package func peer(of direction: SecurityGroupRule.Direction) -> IPAddress {
        direction == .ingress ? source : destination
    }
}

extension Flow: CustomStringConvertible {
    /// `tcp 10.0.1.4 -> 10.0.2.4 port 80`
    package var description: String {
        let path = "\(ipProtocol) \(source) -> \(destination)"
        if let destinationPort { return "\(path) port \(destinationPort)" }
        if let typeAndCode { return "\(path) type \(typeAndCode.type) code \(typeAndCode.code)" }
        return path
    }
}
