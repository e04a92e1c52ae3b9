// SPDX-License-Identifier: Apache-2.0

/// What kind of thing a requirement is about, in the words of a trace.
package enum RequirementName: String, CaseIterable, Sendable {
    case namespace, veth, device, link, address, route, rule, neighbour, sysctl, file, ready, bridge, tap
    /// A link that is made in the task itself: dummy, macvlan, a branch.
    case madeLink = "made-link"
    case ipv6Forwarding = "ipv6-forwarding"
    case bridgePort = "bridge-port"
    case noConnectedRoutes = "no-connected-routes"
    case uplinkForwarding = "uplink-forwarding"
}

extension Requirement {
    package var name: RequirementName {
        switch self {
        case .namespace: .namespace
        case .veth: .veth
        case .madeLink: .madeLink
        case .device: .device
        case .link: .link
        case .address: .address
        case .route: .route
        case .rule: .rule
        case .neighbour: .neighbour
        case .sysctl: .sysctl
        case .ipv6Forwarding: .ipv6Forwarding
        case .file: .file
        case .ready: .ready
        case .bridgePort: .bridgePort
        case .tap: .tap
        case .bridge: .bridge
        case .noConnectedRoutes: .noConnectedRoutes
        case .uplinkForwarding: .uplinkForwarding
        }
    }

    /// Where it must be true.
    package var scope: RequirementScope { kind.scope }
}
