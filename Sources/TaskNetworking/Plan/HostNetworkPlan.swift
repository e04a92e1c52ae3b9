// SPDX-License-Identifier: Apache-2.0
package import Addressing
package import VPC

/// What must be true on the host for its subnets, whatever tasks there are: the gateway's address is the host's, and
/// nothing answers for addresses that nobody has.
package struct HostNetworkPlan: Hashable, Sendable, Codable {
    package var requirements: [Requirement]

    package init(requirements: [Requirement]) { self.requirements = requirements }

    /// The plan for the subnets of the configuration.
    ///
    /// The gateway's address is on `lo`, because it is the same for the tasks of a subnet and none of their links may
    /// carry it away when it goes. In IPv6 tasks use fe80::1; the subnet's +1 is what the host itself sends from.
    package init(subnets: [Subnet], host: HostFacts) {
        var requirements: [Requirement] = [.link(LinkRequirement(scope: .host, name: .loopback))]
        for subnet in subnets {
            for block in subnet.cidrBlocks where block.family == .v4 || host.hasIPv6 {
                requirements += Self.requirements(block)
            }
        }
        let hasIPv6 = subnets.contains { $0.ipv6CIDRBlock != nil }
        if hasIPv6, host.hasIPv6, !host.forwardsIPv6PerLink {
            requirements.append(.ipv6Forwarding(IPv6ForwardingRequirement()))
        }
        self.requirements = requirements
    }

    private static func requirements(_ block: CIDRBlock) -> [Requirement] {
        let route = Requirement.route(RouteRequirement(scope: .host, type: .unreachable, to: block))
        guard let gateway = block.address(at: 1) else { return [route] }
        let address = InterfaceAddress(host: gateway)
        return [.address(AddressRequirement(scope: .host, link: .loopback, address: address)), route]
    }

    /// What of this the subnets of these addresses need.
    package func serving(_ addresses: [IPAddress]) -> HostNetworkPlan {
        let blocks = requirements.compactMap { requirement -> CIDRBlock? in
            guard case .route(let route) = requirement, addresses.contains(where: route.destination.contains) else {
                return nil
            }
            return route.destination
        }
        return HostNetworkPlan(
            requirements: requirements.filter { requirement in
                switch requirement {
                case .route(let route): blocks.contains(route.destination)
                case .address(let gateway): blocks.contains { $0.contains(gateway.address.address) }
                default: !blocks.isEmpty
                }
            })
    }

    /// What another plan has and this one does not: to be undone when this one takes its place.
    package func superseded(of other: HostNetworkPlan) -> HostNetworkPlan {
        let kept = Set(requirements)
        return HostNetworkPlan(requirements: other.requirements.filter { !kept.contains($0) })
    }
}
