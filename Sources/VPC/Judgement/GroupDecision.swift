// SPDX-License-Identifier: Apache-2.0

/// What the security groups of one side say to a flow.
package struct GroupDecision: Hashable, Sendable {
    /// A group's rule.
    package struct Match: Hashable, Sendable {
        package var groupID: String
        package var groupName: String
        package var rule: SecurityGroupRule
        /// What does not fit; empty for the rule that lets the flow through.
        package var mismatches: [SecurityGroupRule.Mismatch] = []
    }

    /// Whose groups they are: an ENI, by its id, or the host (nil).
    package var networkInterfaceID: String?
    package var direction: SecurityGroupRule.Direction
    /// Ids, in the order in which the ENI has them.
    package var groupIDs: [String]
    /// Whether the host enforces it; what the groups say of an ENI that does not cross the host's stack is told, but
    /// decides nothing.
    package var isEnforced: Bool
    /// The first rule that lets the flow through.
    package var allowing: Match?
    /// Where none does: the rules that came nearest, at most three.
    package var nearest: [Match] = []
    /// Where none does: the rule that would, for the group in `suggestedGroupID`.
    package var suggestion: SecurityGroupRule?
    package var suggestedGroupID: String?
    /// Whether the groups have any rule of this direction.
    package var hasRules = true

    package var isAllowed: Bool { allowing != nil }
}
