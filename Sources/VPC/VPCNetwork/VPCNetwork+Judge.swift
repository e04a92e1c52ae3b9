// SPDX-License-Identifier: Apache-2.0
package import Addressing

extension VPCNetwork {
    /// What becomes of the first packet of `flow`. Whatever answers it has the same fate, whoever's rules say what.
    package func judge(_ flow: Flow) -> Judgement {
        let source = side(of: flow.source)
        let destination = side(of: flow.destination)
        var steps: [JudgementStep] = [.source(flow.source, place(of: source, flow.source, other: destination, flow))]
        let isOnTheWay = (source.isEnforced || destination.isEnforced) && source != destination
        let isOneFamily = flow.source.family == flow.destination.family
        if (source.isEndpoint || destination.isEndpoint) && source != destination && isOneFamily {
            if source.isEnforced, InstanceMetadata.addresses.contains(flow.destination) {
                steps.append(.instanceMetadata(flow.destination, isBlocked: blocksInstanceMetadata))
            }
            if let groups = groups(of: source, .egress, flow, other: destination) { steps.append(.egress(groups)) }
            if destination == .outside, let route = route(of: source, .leaving) { steps.append(route) }
            if source == .outside, let route = route(of: destination, .arriving) { steps.append(route) }
            if let groups = groups(of: destination, .ingress, flow, other: source) { steps.append(.ingress(groups)) }
        }
        steps.append(.destination(flow.destination, place(of: destination, flow.destination, other: source, flow)))
        let isDenied = steps.contains { $0.code != nil }
        return Judgement(flow: flow, verdict: isDenied ? .denied : isOnTheWay ? .allowed : .unjudged, steps: steps)
    }

    /// What an address stands for.
    package func place(of address: IPAddress) -> JudgementStep.Place { place(of: side(of: address)) }

    private enum Side: Hashable {
        case endpoint(Endpoint)
        case host
        case outside
        case nobody(subnetID: String?)
        case unroutable

        var isEndpoint: Bool { if case .endpoint = self { true } else { false } }

        /// Whether a flow between this side and another crosses what the host enforces.
        var isEnforced: Bool { if case .endpoint(let endpoint) = self { endpoint.isEnforced } else { false } }
    }

    private func side(of address: IPAddress) -> Side {
        switch ownersByAddress[address] {
        case .endpoint(let index): return .endpoint(endpoints[index])
        case .host: return .host
        case nil: break
        }
        if address.isLoopback || address.isUnspecified || address.isMulticast || address == .v4(.broadcast)
            || address.family == .v6 && address.isLinkLocal
        {
            return .unroutable
        }
        if let subnet = subnets.first(where: { $0.contains(address) }) { return .nobody(subnetID: subnet.id) }
        return cidrBlocks.contains { $0.contains(address) } ? .nobody(subnetID: nil) : .outside
    }

    private func place(of side: Side) -> JudgementStep.Place {
        switch side {
        case .endpoint(let endpoint): .networkInterface(endpoint.networkInterfaceID)
        case .host: .host
        case .outside: .outside
        case .nobody(let subnetID): .nobody(subnetID: subnetID)
        case .unroutable: .unroutable
        }
    }

    /// A link-local IPv6 address reaches the host, which is the router on the ENI's link, and nobody else.
    private func place(of side: Side, _ address: IPAddress, other: Side, _ flow: Flow) -> JudgementStep.Place {
        let isLinkLocal = address.family == .v6 && address.isLinkLocal
        if flow.source.family != flow.destination.family
            || isLinkLocal && side != other && side != .host && other != .host
        {
            return .unroutable
        }
        return place(of: side)
    }

    private func route(of side: Side, _ way: JudgementStep.Way) -> JudgementStep? {
        guard case .endpoint(let endpoint) = side, endpoint.isEnforced, let id = endpoint.subnetID,
            let subnet = subnetsByID[id]
        else { return nil }
        return .route(subnetID: id, subnet.route, way)
    }

    /// nil where there are none.
    private func groups(
        of side: Side, _ direction: SecurityGroupRule.Direction, _ flow: Flow, other: Side
    ) -> GroupDecision? {
        switch side {
        case .endpoint(let endpoint):
            decision(
                endpoint.networkInterfaceID, endpoint.securityGroupIDs, direction, isEnforced: endpoint.isEnforced,
                flow,
                otherGroups: memberships(of: other, flow.peer(of: direction)))
        case .host:
            decision(
                nil, host.securityGroupIDs, direction, isEnforced: other.isEnforced, flow,
                otherGroups: memberships(of: other, flow.peer(of: direction)))
        case .outside, .nobody, .unroutable: nil
        }
    }

    /// The groups of the other side that know it by this address, in their order.
    private func memberships(of side: Side, _ address: IPAddress) -> [String] {
        let ids: [String] =
            switch side {
            case .endpoint(let endpoint): endpoint.securityGroupIDs
            case .host: host.securityGroupIDs
            case .outside, .nobody, .unroutable: []
            }
        return ids.filter { membershipsByAddress[address]?.contains($0) == true }
    }
}
