// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// One rule of a security group: one protocol, one range of ports, one peer. EC2's `IpPermission` with its lists is as
/// many of these as it has peers.
package struct SecurityGroupRule: Hashable, Sendable, Codable {
    package enum Direction: String, Hashable, Sendable, Codable, CaseIterable {
        case ingress
        case egress
    }

    /// Whom a rule allows to speak (`ingress`) or to be spoken to (`egress`).
    package enum Peer: Hashable, Sendable, Codable {
        /// `CidrIp`
        case ipv4(IPv4CIDRBlock)
        /// `CidrIpv6`
        case ipv6(IPv6CIDRBlock)
        /// The members of a group, by its id (`UserIdGroupPairs`).
        case group(String)
        /// The blocks of a prefix list, by its id (`PrefixListIds`).
        case prefixList(String)
    }

    /// `sgr-` and 8 to 17 hexadecimal digits.
    package var id: String
    package var direction: Direction
    package var ipProtocol: IPProtocol
    /// `tcp`, `udp`: the first port. `icmp`, `icmpv6`: the type. Nil: all.
    package var fromPort: Int?
    /// `tcp`, `udp`: the last port. `icmp`, `icmpv6`: the code. Nil: all.
    package var toPort: Int?
    package var peer: Peer
    package var ruleDescription: String?

    package init(
        id: String, direction: Direction, ipProtocol: IPProtocol, fromPort: Int? = nil, toPort: Int? = nil, peer: Peer,
        ruleDescription: String? = nil
    ) {
        self.id = id
        self.direction = direction
        self.ipProtocol = ipProtocol
        self.fromPort = fromPort
        self.toPort = toPort
        self.peer = peer
        self.ruleDescription = ruleDescription
    }
}
