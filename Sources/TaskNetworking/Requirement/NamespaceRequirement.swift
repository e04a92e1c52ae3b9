// SPDX-License-Identifier: Apache-2.0

/// The task's network namespace exists and is bound at the plan's path.
package struct NamespaceRequirement: Hashable, Sendable, Codable {
    package init() {}
}

extension NamespaceRequirement: RequirementKind {
    var label: String { "namespace" }
    /// Its name is the host's.
    var scope: RequirementScope { .host }

    func apply(in ground: Ground) throws -> ApplyOutcome { try ground.makeNamespace() }

    func check(in snapshot: Snapshot) -> [Difference] {
        snapshot.task == nil ? [Difference(expected: "present", found: "missing", kind: .namespaceGone)] : []
    }

    func undo(in ground: Ground) throws { try ground.removeNamespace() }
}
