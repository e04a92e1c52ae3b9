// SPDX-License-Identifier: Apache-2.0

/// What becomes of a flow, and why.
package struct Judgement: Hashable, Sendable {
    package enum Verdict: String, Hashable, Sendable, Codable {
        case allowed
        case denied
        /// It does not pass where the VPC is enforced: from outside to outside, from an ENI to itself, between the host
        /// and the outside, or between ENIs that are not enforced.
        case unjudged
    }

    package var flow: Flow
    package var verdict: Verdict
    /// All steps on the way, in order, also those behind the first that stops the flow: whoever mends one wants to know
    /// of the next.
    package var steps: [JudgementStep]

    /// Why it is denied, in the order of the steps.
    package var codes: [ExplanationCode] { steps.compactMap(\.code) }

    /// The rules that would have to be added, each with its group's id.
    package var suggestions: [(groupID: String, rule: SecurityGroupRule)] {
        steps.compactMap { step in
            guard step.code != nil, let groups = step.groups, let id = groups.suggestedGroupID,
                let rule = groups.suggestion
            else { return nil }
            return (id, rule)
        }
    }
}
