// SPDX-License-Identifier: Apache-2.0
import Addressing
import VPC

/// A transaction in nft's language, command by command.
struct RulesetText {
    private var lines: [String] = []

    var text: String { lines.joined(separator: "\n") + "\n" }

    /// Whether or not it is there.
    mutating func deleteTable(_ table: Table) {
        lines.append("add table \(table.name)")
        lines.append("delete table \(table.name)")
    }

    /// The whole of the file.
    mutating func addBase() {
        for table in Table.allCases {
            lines.append("table \(table.name) { comment \"\(BaseRuleset.digest)\"; }")
        }
        lines.append(BaseRuleset.text)
    }

    mutating func flushChain(_ chain: String, _ table: Table = .inet) {
        lines.append("flush chain \(table.name) \(chain)")
    }

    mutating func deleteChain(_ chain: String, _ table: Table = .inet) {
        lines.append("delete chain \(table.name) \(chain)")
    }

    mutating func addChain(_ chain: String) { lines.append("add chain inet tasknet \(chain)") }

    mutating func addRules(_ rules: [String], to chain: String) {
        for rule in rules { lines.append("add rule inet tasknet \(chain) \(rule)") }
    }

    /// A set of addresses, of the family that its name ends with.
    mutating func addSet(_ set: SetName, isInterval: Bool) {
        lines.append("add set \(set) \(isInterval ? set.family.blockSet : set.family.memberSet)")
    }

    mutating func deleteSet(_ set: SetName) { lines.append("delete set \(set)") }

    mutating func addCounter(_ counter: String) { lines.append("add counter inet tasknet \(counter)") }
    mutating func deleteCounter(_ counter: String) { lines.append("delete counter inet tasknet \(counter)") }

    mutating func flushSet(_ set: some CustomStringConvertible) { lines.append("flush set \(set)") }

    mutating func addElements(_ elements: [FirewallElement], to set: SetName) {
        if elements.isEmpty { return }
        lines.append("add element \(set) { \(elements.map(\.text).sorted().joined(separator: ", ")) }")
    }

    mutating func deleteElements(_ elements: [FirewallElement], from set: SetName) {
        if elements.isEmpty { return }
        lines.append("delete element \(set) { \(elements.map(\.keyText).joined(separator: ", ")) }")
    }

    mutating func addRanges(_ ranges: [AddressRange], to set: BlockSetName) {
        if ranges.isEmpty { return }
        lines.append("add element \(set) { \(ranges.map { $0.text(set.family) }.joined(separator: ", ")) }")
    }

    mutating func deleteRanges(_ ranges: [AddressRange], from set: BlockSetName) {
        if ranges.isEmpty { return }
        lines.append("delete element \(set) { \(ranges.map { $0.text(set.family) }.joined(separator: ", ")) }")
    }
}

extension Table {
    /// As nft names it.
    var name: String { "\(rawValue) \(BaseRuleset.table)" }
}
