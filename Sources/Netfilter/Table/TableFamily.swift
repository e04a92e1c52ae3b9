// SPDX-License-Identifier: Apache-2.0
import CNetfilter

/// What packets a table sees. The corresponding C constants are `NFPROTO_*`.
package enum TableFamily: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    /// IPv4 and IPv6
    case inet
    case ip
    case ip6
    case arp
    case bridge
    case netdev

    package var description: String { rawValue }

    /// `NFPROTO_*`
    var constant: UInt8 {
        switch self {
        case .inet: UInt8(NFPROTO_INET)
        case .ip: UInt8(NFPROTO_IPV4)
        case .ip6: UInt8(NFPROTO_IPV6)
        case .arp: UInt8(NFPROTO_ARP)
        case .bridge: UInt8(NFPROTO_BRIDGE)
        case .netdev: UInt8(NFPROTO_NETDEV)
        }
    }

    init?(constant: UInt8) {
        guard let family = Self.allCases.first(where: { $0.constant == constant }) else { return nil }
        self = family
    }
}
