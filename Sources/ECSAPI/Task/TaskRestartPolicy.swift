// SPDX-License-Identifier: Apache-2.0
package import TaskDefinitions
package import VPC

/// Whether a task comes back when it has ended otherwise than by StopTask. ECS has services for that; here it is a tag of
/// the task's, which every client of ECS's can set.
package enum TaskRestartPolicy: String, Hashable, Sendable, CaseIterable {
    case no
    case always

    /// The tag's key.
    package static let tagKey = "tasknet:restart"

    /// - Throws: `ValidationFailure` for a value that is none.
    package init(_ tags: [ResourceTag]) throws(ValidationFailure) {
        guard let tag = tags.first(where: { $0.key == Self.tagKey }) else {
            self = .no
            return
        }
        guard let policy = TaskRestartPolicy(rawValue: tag.value ?? "") else {
            throw ValidationFailure(
                .invalidParameter, "The tag \(Self.tagKey) must be 'always' or 'no', or be left out.",
                detail: "it is '\(tag.value ?? "")'")
        }
        self = policy
    }

    /// The tag that says it; none where it need not be said.
    package var tag: ResourceTag? { self == .no ? nil : ResourceTag(key: Self.tagKey, value: rawValue) }
}
