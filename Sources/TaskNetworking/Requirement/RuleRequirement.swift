// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// What comes from some addresses is routed by a table of its own.
package struct RuleRequirement: Hashable, Sendable, Codable {
    package let scope: RequirementScope
    package let source: CIDRBlock
    package let table: UInt32
    package let priority: UInt32

    package init(scope: RequirementScope, source: CIDRBlock, table: UInt32, priority: UInt32) {
        self.scope = scope
        self.source = source
        self.table = table
        self.priority = priority
    }
}

extension RuleRequirement: RequirementKind {
    var label: String { "rule from \(source) to table \(table)" }
}
