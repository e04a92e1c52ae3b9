// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// One thing that must be true, in the task's namespace or on the host, for a task to have its network.
///
/// Each case's value knows all there is to know about its kind: how it is made true, how it is compared with the
/// kernel, how it is made untrue (`RequirementKind`). Apply, check, teardown and rollback only walk over lists of these.
package enum Requirement: Hashable, Sendable {
    case namespace(NamespaceRequirement)
    case veth(VethRequirement)
    case madeLink(MadeLinkRequirement)
    case device(DeviceRequirement)
    case link(LinkRequirement)
    case address(AddressRequirement)
    case route(RouteRequirement)
    case rule(RuleRequirement)
    case neighbour(NeighbourRequirement)
    case sysctl(SysctlRequirement)
    case ipv6Forwarding(IPv6ForwardingRequirement)
    case file(FileRequirement)
    case ready(ReadyRequirement)
    case bridgePort(BridgePortRequirement)
    case tap(TAPRequirement)
    case bridge(BridgeRequirement)
    case noConnectedRoutes(NoConnectedRoutesRequirement)
    case uplinkForwarding(UplinkForwardingRequirement)

    /// The value behind the case, as what all of them have in common.
    var kind: any RequirementKind {
        switch self {
        case .namespace(let value): value
        case .veth(let value): value
        case .madeLink(let value): value
        case .device(let value): value
        case .link(let value): value
        case .address(let value): value
        case .route(let value): value
        case .rule(let value): value
        case .neighbour(let value): value
        case .sysctl(let value): value
        case .ipv6Forwarding(let value): value
        case .file(let value): value
        case .ready(let value): value
        case .bridgePort(let value): value
        case .tap(let value): value
        case .bridge(let value): value
        case .noConnectedRoutes(let value): value
        case .uplinkForwarding(let value): value
        }
    }
}

extension Requirement: CustomStringConvertible {
    /// What it is, for people: "address 10.0.1.5/24 on eth0".
    package var description: String { kind.label }
}

/// Where something must be true.
package enum RequirementScope: String, Codable, Hashable, Sendable {
    case host, task
}

/// A difference between what a plan says and what the kernel has.
package struct Drift: Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Hashable, Sendable {
        /// A repair makes it as it should be.
        case difference
        /// The task's namespace has lost its name: a repair cannot begin before it is bound there again.
        case namespaceGone
        /// A NIC is neither in the task nor on the host: a repair takes it when it is there again.
        case deviceGone(MACAddress)
    }

    package let requirement: Requirement
    package let expected: String
    package let found: String
    package var kind = Kind.difference

    package var description: String { "\(requirement): expected \(expected), found \(found)" }
}
