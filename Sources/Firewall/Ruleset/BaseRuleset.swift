// SPDX-License-Identifier: Apache-2.0
import Addressing
import VPC

/// The fixed part of what the kernel is given: `tasknet.nft`.
enum BaseRuleset {
    /// The tables' name, in both families.
    static let table = "tasknet"

    static let text = String(decoding: PackageResources.tasknet_nft, as: UTF8.self)

    /// Tells one version of the fixed part from another; the tables carry it as their comment.
    ///
    /// The definitions of what is filled in belong to it: they too can only be changed by a new table.
    static let digest = ResourceID.derived(
        "ruleset", from: ([text] + IPFamily.allCases.flatMap { [$0.memberSet, $0.blockSet] }).joined(separator: "\n"))

    /// Its chains of a table, in the order of the file.
    static func chains(_ table: Table) -> [String] { names("chain", in: table) }

    /// Its named counters.
    static let counters = names("counter", in: .inet)

    /// What of a kind is declared in a table: each on a line of its own.
    private static func names(_ kind: Substring, in table: Table) -> [String] {
        var isInside = false
        var names: [String] = []
        for line in text.split(separator: "\n") {
            let words = line.split { $0 == " " || $0 == "\t" }
            if words.first == "table" { isInside = words.dropFirst().first == "\(table.rawValue)" }
            if isInside, words.first == kind, words.count > 2, words[2] == "{" { names.append(String(words[1])) }
        }
        return names
    }
}

/// The tables, by their family.
package enum Table: String, Hashable, Sendable, CaseIterable {
    case inet
    case arp
}
