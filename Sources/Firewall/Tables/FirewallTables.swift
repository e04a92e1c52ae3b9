// SPDX-License-Identifier: Apache-2.0
import Linux
import Netfilter
import Netlink
import VPC

/// Both tables of one namespace, and what is known to have been put into them.
final class FirewallTables {
    let connection: NetfilterConnection
    let ruleset: Ruleset
    let links: RouteConnection
    var combinations: Combinations
    /// nil before the first `apply`.
    var applied: Applied?
    var ownGenerations = OwnGenerations()
    /// ENIs that may have an entry in the maps for moving: a move of theirs has not ended.
    var detoured: Set<String> = []

    /// What small changes build on.
    struct Applied {
        var groups: [String: SecurityGroup]
        var lists: Set<String>
        /// Those that have chains.
        var combinations: Set<Combination>
        /// Each interface's, by the name of its host end.
        var interfaces: [String: Combination]
        /// Of each chain's rules, as the kernel told them right after they were made.
        var fingerprints: [Table: [String: [UInt64]]] = [:]

        var vocabulary: Vocabulary { Vocabulary(groups: Set(groups.keys), lists: lists) }
    }

    init(in namespace: NetworkNamespace, _ combinations: Combinations) throws {
        connection = try NetfilterConnection(in: namespace)
        ruleset = Ruleset(in: namespace)
        links = try RouteConnection(in: namespace)
        self.combinations = combinations
    }

    func withApplied<Result>(_ body: (inout Applied) throws -> Result) throws -> Result {
        guard var applied else { throw FirewallError.notApplied }
        let result = try body(&applied)
        self.applied = applied
        return result
    }

    /// Notes how the rules look now that they are ours.
    func noteFingerprints(_ applied: inout Applied) throws {
        for table in Table.allCases { applied.fingerprints[table] = try fingerprints(table) }
    }

    /// The same for some of `inet`'s chains alone: reading all takes longer than changing one group.
    func noteFingerprints(_ applied: inout Applied, of chains: [String]) throws {
        for chain in chains {
            let rules = try connection.ruleFingerprints(in: Table.inet.id, chain: chain)[chain]
            applied.fingerprints[.inet, default: [:]][chain] = rules?.map(\.hash)
        }
    }

    func fingerprints(_ table: Table) throws -> [String: [UInt64]] {
        try connection.ruleFingerprints(in: table.id).mapValues { $0.map(\.hash) }
    }

    func removeAll() throws {
        applied = nil
        var text = RulesetText()
        for table in Table.allCases { text.deleteTable(table) }
        try run(text.text)
    }
}

extension Table {
    var id: TableID { TableID(self == .inet ? .inet : .arp, BaseRuleset.table) }
}
