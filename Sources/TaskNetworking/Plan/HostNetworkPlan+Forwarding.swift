// SPDX-License-Identifier: Apache-2.0
package import Addressing

extension HostNetworkPlan {
    /// Which links were made to forward for tasks.
    package var forwarding: HostNetworkPlan { HostNetworkPlan(requirements: requirements.filter(\.isForwarding)) }

    /// The subnets' part.
    package var withoutForwarding: HostNetworkPlan {
        HostNetworkPlan(requirements: requirements.filter { !$0.isForwarding })
    }

    /// The links that forward a family for tasks alone, by name: nothing else of it was to go by them.
    package var linksForwardingForTasks: [IPFamily: [String]] {
        var links: [IPFamily: Set<String>] = [:]
        for case .uplinkForwarding(let value) in requirements {
            links[value.family, default: []].insert(value.link.text)
        }
        return links.mapValues { $0.sorted() }
    }

    /// The blocks of the subnets.
    package var blocks: [CIDRBlock] {
        requirements.compactMap { requirement in
            guard case .route(let route) = requirement, route.type == .unreachable else { return nil }
            return route.destination
        }
    }

    /// This plan with what it takes that these uplinks forward: only those that do not by themselves.
    ///
    /// - Parameter made: what was made before. A link that forwards by it still needs to.
    package func forwarding(by uplinks: [Uplink], after made: HostNetworkPlan) -> HostNetworkPlan {
        let known = Set(made.forwarding.requirements)
        let needed = uplinks.compactMap { uplink -> Requirement? in
            let requirement = Requirement.uplinkForwarding(
                UplinkForwardingRequirement(link: uplink.link, family: uplink.family))
            return !uplink.forwards || known.contains(requirement) && !uplink.isWholeHost ? requirement : nil
        }
        return HostNetworkPlan(requirements: withoutForwarding.requirements + needed)
    }
}

extension Requirement {
    fileprivate var isForwarding: Bool { if case .uplinkForwarding = self { true } else { false } }
}
