// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// One thing on a flow's way that lets it through or stops it.
package enum JudgementStep: Hashable, Sendable {
    /// What an address stands for.
    package enum Place: Hashable, Sendable {
        /// An ENI, by its id.
        case networkInterface(String)
        case host
        /// Anything that is not in the VPC.
        case outside
        /// In the VPC, but no ENI has it; the subnet's id, where it is in one.
        case nobody(subnetID: String?)
        /// No router passes it on.
        case unroutable
    }

    package enum Way: String, Hashable, Sendable {
        /// To what is outside the VPC.
        case leaving
        /// From what is outside the VPC.
        case arriving
    }

    case source(IPAddress, Place)
    /// The destination is the instance metadata service.
    case instanceMetadata(IPAddress, isBlocked: Bool)
    /// The source's groups.
    case egress(GroupDecision)
    /// The route of a subnet, by its id.
    case route(subnetID: String, SubnetRoute, Way)
    /// The destination's groups.
    case ingress(GroupDecision)
    case destination(IPAddress, Place)

    /// Why the flow is stopped here; nil where it is let through.
    package var code: ExplanationCode? {
        switch self {
        case .source(_, .nobody): .spoofedSource
        case .destination(_, .nobody): .noPossibleDestination
        case .source(_, .unroutable), .destination(_, .unroutable): .cannotRoute
        case .source, .destination: nil
        case .instanceMetadata(_, let isBlocked): isBlocked ? .instanceMetadataBlocked : nil
        case .route(_, .none, .leaving): .noRouteToDestination
        case .route(_, .nat, .arriving), .route(_, .none, .arriving): .noPublicAddress
        case .route: nil
        case .egress(let groups), .ingress(let groups):
            groups.isAllowed || !groups.isEnforced
                ? nil : groups.hasRules ? .groupRulesMismatch : .groupHasNoRules
        }
    }

    package var groups: GroupDecision? {
        switch self {
        case .egress(let groups), .ingress(let groups): groups
        default: nil
        }
    }
}
