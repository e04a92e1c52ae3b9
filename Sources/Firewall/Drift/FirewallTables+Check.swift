// SPDX-License-Identifier: Apache-2.0
import Addressing
import Netfilter
import Netlink
import VPC

extension FirewallTables {
    func check(_ state: FirewallState) throws -> [FirewallDrift] {
        var combinations = combinations
        let contents = try FirewallContents(state, &combinations)
        var drift: [FirewallDrift] = []
        for table in Table.allCases {
            guard let comment = try connection.comment(of: table.id) else {
                drift.append(.missing(.table, table.name))
                continue
            }
            guard comment == BaseRuleset.digest else {
                drift.append(.otherVersion(table: table.name))
                continue
            }
            try drift += checkChains(table, contents)
        }
        // Without the tables all the rest is missing too.
        if drift.contains(where: \.isOfTable) { return drift + (try checkLinks(contents)) }
        return try drift + checkCounters(contents) + checkSets(contents) + checkLinks(contents)
    }

    private func checkChains(_ table: Table, _ contents: FirewallContents) throws -> [FirewallDrift] {
        let present = Set(try connection.chains(in: table.id).map(\.name))
        // Combinations that nobody has any more stay until the next `apply`.
        let idle = Set((applied?.combinations ?? []).flatMap { [$0.chain(.egress), $0.chain(.ingress)] })
        let wanted = Set(BaseRuleset.chains(table)).union(table == .inet ? Set(contents.chains.keys) : [])
        let rules = try fingerprints(table)
        let noted = applied?.fingerprints[table] ?? [:]
        return wanted.subtracting(present).sorted().map { .missing(.chain, "\(table.name) \($0)") }
            + present.subtracting(wanted).subtracting(idle).sorted().map { .surplus(.chain, "\(table.name) \($0)") }
            + present.sorted().filter { rules[$0] != noted[$0] }.map { .rules(chain: "\(table.name) \($0)") }
    }

    private func checkCounters(_ contents: FirewallContents) throws -> [FirewallDrift] {
        let present = Set(try connection.counters(in: Table.inet.id).keys)
        let wanted = contents.counters.union(BaseRuleset.counters)
        return wanted.subtracting(present).sorted().map { .missing(.counter, $0) }
            + present.subtracting(wanted).sorted().map { .surplus(.counter, $0) }
    }

    private func checkSets(_ contents: FirewallContents) throws -> [FirewallDrift] {
        var drift: [FirewallDrift] = []
        let present = try connection.setNames(in: Table.inet.id)
        let wanted = Set(contents.elements.keys.map(\.name) + contents.blocks.keys.map(\.name))
        drift += present.filter { !wanted.contains($0) }.sorted().map { .surplus(.set, SetName($0).description) }
        let idle = try Set((applied?.combinations ?? []).flatMap(\.elements).map { try $0.element.element() })
        for (set, elements) in contents.elements.sorted(by: { $0.key.description < $1.key.description }) {
            guard let found = try self.elements(of: set) else {
                drift.append(.missing(.set, set.description))
                continue
            }
            let wanted = Dictionary(try elements.map { (try $0.element(), $0) }) { first, _ in first }
            let missing = wanted.filter { !found.contains($0.key) }.map(\.value.text).sorted()
            let surplus = found.filter { wanted[$0] == nil && !idle.contains($0) }.map(\.description).sorted()
            if missing.isEmpty, surplus.isEmpty { continue }
            drift.append(.elements(set: set.description, missing: missing, surplus: surplus))
        }
        for (set, blocks) in contents.blocks.sorted(by: { $0.key.name < $1.key.name }) {
            try drift += check(set, blocks)
        }
        return drift
    }

    func check(_ set: BlockSetName, _ blocks: [CIDRBlock]) throws -> [FirewallDrift] {
        guard let found = try ranges(of: set).map({ AddressRange.joined($0) }) else {
            return [.missing(.set, set.description)]
        }
        let wanted = AddressRange.joined(blocks)
        if found == wanted { return [] }
        return [
            .elements(
                set: set.description, missing: wanted.filter { !found.contains($0) }.map { $0.text(set.family) },
                surplus: found.filter { !wanted.contains($0) }.map { $0.text(set.family) })
        ]
    }

    private func checkLinks(_ contents: FirewallContents) throws -> [FirewallDrift] {
        try links.links().compactMap { link in
            guard let combination = contents.combinations[link.name], link.group != combination.linkGroup else {
                return nil
            }
            return .linkGroup(interface: link.name, found: link.group, wanted: combination.linkGroup)
        }.sorted { $0.description < $1.description }
    }
}

extension FirewallDrift {
    fileprivate var isOfTable: Bool {
        switch self {
        case .missing(.table, _), .otherVersion: true
        default: false
        }
    }
}
