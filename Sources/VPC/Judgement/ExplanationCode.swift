// SPDX-License-Identifier: Apache-2.0

/// Why a path is not reachable, as EC2's Reachability Analyzer codes it.
package enum ExplanationCode: String, Hashable, Sendable, Codable, CaseIterable {
    /// None of the groups' rules lets the flow through.
    case groupRulesMismatch = "ENI_SG_RULES_MISMATCH"
    /// There are no rules of this direction at all.
    case groupHasNoRules = "SG_HAS_NO_RULES"
    /// The subnet's route is `none`.
    case noRouteToDestination = "NO_ROUTE_TO_DESTINATION"
    /// From outside, and the subnet's route is not `public`.
    case noPublicAddress = "IGW_PRIVATE_IP_ASSOCIATION_FOR_INGRESS"
    /// An address of the VPC that no ENI has.
    case noPossibleDestination = "NO_POSSIBLE_DESTINATION"
    /// The source is an address of the VPC that its sender does not have.
    case spoofedSource = "GATEWAY_REJECTS_SPOOFED_TRAFFIC"
    /// No router passes this on: link-local, multicast, loopback, or two IP versions in one flow.
    case cannotRoute = "CANNOT_ROUTE"

    // Ours: EC2 has no word for it.

    /// The instance metadata service is kept from tasks.
    case instanceMetadataBlocked = "INSTANCE_METADATA_BLOCKED"
}
