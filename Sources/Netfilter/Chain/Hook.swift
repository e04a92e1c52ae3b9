// SPDX-License-Identifier: Apache-2.0
import CNetfilter

/// Where on a packet's way a base chain is called. The corresponding C constants are `NF_INET_*`, `NF_ARP_*` and
/// `NF_NETDEV_*`.
package enum Hook: Hashable, Sendable, CustomStringConvertible {
    case prerouting
    case input
    case forward
    case output
    case postrouting
    case ingress
    case egress
    case unknown(UInt32)

    init(constant: UInt32, _ family: TableFamily) {
        let hooks: [UInt32: Hook] =
            switch family {
            case .inet, .ip, .ip6, .bridge: Self.onTheWay
            case .arp: Self.ofARP
            case .netdev: Self.atDevices
            }
        self = hooks[constant] ?? .unknown(constant)
    }

    // Bridges have the same numbers under other names.
    private static let onTheWay: [UInt32: Hook] = [
        NF_INET_PRE_ROUTING.rawValue: .prerouting, NF_INET_LOCAL_IN.rawValue: .input,
        NF_INET_FORWARD.rawValue: .forward, NF_INET_LOCAL_OUT.rawValue: .output,
        NF_INET_POST_ROUTING.rawValue: .postrouting, NF_INET_INGRESS.rawValue: .ingress,
    ]
    private static let ofARP: [UInt32: Hook] = [
        UInt32(NF_ARP_IN): .input, UInt32(NF_ARP_OUT): .output, UInt32(NF_ARP_FORWARD): .forward,
    ]
    private static let atDevices: [UInt32: Hook] = [
        NF_NETDEV_INGRESS.rawValue: .ingress, NF_NETDEV_EGRESS.rawValue: .egress,
    ]

    package var description: String {
        switch self {
        case .prerouting: "prerouting"
        case .input: "input"
        case .forward: "forward"
        case .output: "output"
        case .postrouting: "postrouting"
        case .ingress: "ingress"
        case .egress: "egress"
        case .unknown(let number): "hook \(number)"
        }
    }
}
