// SPDX-License-Identifier: Apache-2.0
package import Addressing

extension HostNetworkPlan {
    /// Which links were made to forward for tasks.
    package var forwarding: HostNetworkPlan { HostNetworkPlan(requirements: requirements.filter(\.isForwarding)) }

    /// The subnets' part.
    package var withoutForwarding: HostNetworkPlan {
        HostNetworkPlan(requirements: requirements.filter { !$0.isForwarding })
    }

    /// The links that forward for tasks alone, by name: nothing else was to go by them.
    package var linksForwardingForTasks: [String] {
        let links = requirements.compactMap { requirement in
            if case .uplinkForwarding(let value) = requirement { value.link.text } else { nil }
        }
        return Set(links).sorted()
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
