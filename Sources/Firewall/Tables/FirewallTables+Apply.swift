// SPDX-License-Identifier: Apache-2.0
import Addressing
import Netfilter
import Netlink
import VPC

extension FirewallTables {
    func apply(_ state: FirewallState) throws {
        var combinations = combinations
        let contents = try FirewallContents(state, &combinations)
        // Kept before the kernel knows of them: a number must never come to mean something else.
        self.combinations = combinations
        let moving = try linksToMove(contents)

        let present = try PresentTables(connection)
        do {
            try ruleset.apply(transaction(contents, moving, present))
        } catch let error as NetfilterError where present.isOurs && !error.isUnsupported {
            // Somebody has put something in our place that cannot be changed into ours.
            try ruleset.apply(replacement(contents, moving))
        }
        var applied = Applied(
            groups: Dictionary(state.securityGroups.map { ($0.id, $0) }) { first, _ in first },
            lists: Set(state.prefixLists.map(\.id)), combinations: Set(contents.combinations.values))
        try noteFingerprints(&applied)
        self.applied = applied
        detoured = Set(moving.map(\.interface))

        for (interface, combination) in moving { try setLinkGroup(of: interface, to: combination) }
        if !moving.isEmpty { try endDetours(moving.map(\.interface)) }
        self.combinations.keep(Set(contents.combinations.values))
    }

    /// The ENIs whose links are there and have another group, or none.
    private func linksToMove(
        _ contents: FirewallContents
    ) throws -> [(interface: String, combination: Combination)] {
        if contents.combinations.isEmpty { return [] }
        return try links.links().compactMap { link in
            guard let combination = contents.combinations[link.name], link.group != combination.linkGroup else {
                return nil
            }
            return (link.name, combination)
        }
    }

    private func detours(
        _ moving: [(interface: String, combination: Combination)]
    ) -> [(set: SetName, element: FirewallElement)] {
        moving.flatMap { FirewallElement.detour(of: $0.interface, to: $0.combination) }
    }

    /// All anew.
    private func replacement(
        _ contents: FirewallContents, _ moving: [(interface: String, combination: Combination)]
    ) -> String {
        var text = RulesetText()
        for table in Table.allCases { text.deleteTable(table) }
        text.addBase()
        text.add(contents)
        for (set, elements) in contents.with(detours(moving)).elements { text.addElements(Array(elements), to: set) }
        for (set, blocks) in contents.blocks { text.replaceBlocks(blocks, in: set) }
        return text.text
    }

    /// What is there is changed into what is wanted. Rules are always written anew: they count nothing themselves.
    private func transaction(
        _ contents: FirewallContents, _ moving: [(interface: String, combination: Combination)],
        _ present: PresentTables
    ) throws -> String {
        guard present.isOurs else { return replacement(contents, moving) }
        var text = RulesetText()
        for table in Table.allCases {
            for chain in present.chains[table] ?? [] { text.flushChain(chain, table) }
        }
        text.addBase()
        text.add(contents)
        for (set, elements) in contents.with(detours(moving)).elements {
            try put(elements, in: set, &text)
        }
        for (set, blocks) in contents.blocks { try put(blocks, in: set, &text) }
        for table in Table.allCases {
            let wanted = Set(BaseRuleset.chains(table) + (table == .inet ? Array(contents.chains.keys) : []))
            for chain in present.chains[table] ?? [] where !wanted.contains(chain) { text.deleteChain(chain, table) }
        }
        let sets = Set(contents.elements.keys.map(\.name) + contents.blocks.keys.map(\.name))
        for set in present.sets.subtracting(sets).sorted() {
            text.deleteSet(SetName(set))
        }
        for counter in present.counters.subtracting(contents.counters).subtracting(BaseRuleset.counters).sorted() {
            text.deleteCounter(counter)
        }
        return text.text
    }

    private func put(_ wanted: Set<FirewallElement>, in set: SetName, _ text: inout RulesetText) throws {
        let present = try elements(of: set) ?? []
        let byElement = Dictionary(try wanted.map { (try $0.element(), $0) }) { first, _ in first }
        let missing = byElement.filter { !present.contains($0.key) }.map(\.value)
        let surplus = present.filter { byElement[$0] == nil }
        guard set.counts else {
            if missing.isEmpty, surplus.isEmpty { return }
            if !present.isEmpty { text.flushSet(set) }
            return text.addElements(Array(wanted), to: set)
        }
        // What these have counted has to stay.
        let names = surplus.map { InterfaceText.name(of: $0) }
        if names.contains(nil) {
            text.flushSet(set)
            return text.addElements(Array(wanted), to: set)
        }
        text.deleteElements(names.compactMap(\.self).map { FirewallElement(.interface($0)) }, from: set)
        text.addElements(missing, to: set)
    }

    private func put(_ wanted: [CIDRBlock], in set: BlockSetName, _ text: inout RulesetText) throws {
        if try ranges(of: set) != AddressRange.joined(wanted) { text.replaceBlocks(wanted, in: set) }
    }
}

extension RulesetText {
    /// Chains with their rules, counters, and empty sets; those that are there stay as they are.
    mutating func add(_ contents: FirewallContents) {
        for set in contents.elements.keys where !set.isFixed { addSet(set, isInterval: false) }
        for set in contents.blocks.keys where !set.isFixed { addSet(SetName(set.name), isInterval: true) }
        for counter in contents.counters.sorted() { addCounter(counter) }
        let chains = contents.chains.sorted { $0.key < $1.key }
        for (chain, _) in chains { addChain(chain) }
        for (chain, rules) in chains { addRules(rules, to: chain) }
    }
}
