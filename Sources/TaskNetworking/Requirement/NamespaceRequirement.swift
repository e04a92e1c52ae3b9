// SPDX-License-Identifier: Apache-2.0

/// The task's network namespace exists and is bound at the plan's path.
package struct NamespaceRequirement: Hashable, Sendable, Codable {
    package init() {}
}

extension NamespaceRequirement: RequirementKind {
    var label: String { "namespace" }
}
