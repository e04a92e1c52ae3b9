// SPDX-License-Identifier: Apache-2.0
package import Addressing
import Netlink

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

    func apply(in ground: Ground) throws -> ApplyOutcome {
        try ground.side(scope).add(.addRule(wanted))
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        let isThere = try snapshot.side(scope)?.rules().contains {
            $0.family == wanted.family && $0.source == source && $0.priority == priority && $0.action == wanted.action
        }
        return isThere == true ? [] : [.missing]
    }

    func undo(in ground: Ground) throws {
        guard let side = try ground.sideIfThere(scope) else { return }
        try side.remove(.removeRule(wanted))
    }

    private var wanted: Rule {
        Rule(
            source.family, action: .lookUp(Table(rawValue: table)), priority: priority, source: source,
            ruleProtocol: .tasknet)
    }
}
