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
            try run(transaction(contents, moving, present))
        } catch  where present.isOurs {
            // Somebody has put something in our place that cannot be changed into ours.
            try run(replacement(contents, moving))
        }
        var applied = Applied(
            groups: Dictionary(state.securityGroups.map { ($0.id, $0) }) { first, _ in first },
            lists: Set(state.prefixLists.map(\.id)), combinations: Set(contents.combinations.values),
            interfaces: contents.combinations)
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
        for (set, blocks) in contents.blocks {
            text.addRanges(blocks.map { AddressRange($0) }, to: set)
        }
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

    /// What stays is not touched: the kernel changes rules all at once, but elements one by one, and a packet could find
    /// neither the old one nor the same one anew.
    private func put(_ wanted: Set<FirewallElement>, in set: SetName, _ text: inout RulesetText) throws {
        let present = try elements(of: set) ?? []
        let byElement = Dictionary(try wanted.map { (try $0.element(), $0) }) { first, _ in first }
        let surplus = present.filter { byElement[$0] == nil }.map { FirewallElement($0, in: set) }
        if surplus.contains(nil) {
            text.flushSet(set)
            return text.addElements(Array(wanted), to: set)
        }
        text.deleteElements(surplus.compactMap(\.self), from: set)
        text.addElements(byElement.filter { !present.contains($0.key) }.map(\.value), to: set)
    }
}

extension FirewallTables {
    /// Changes the blocks of a set, without touching those that stay.
    func put(_ wanted: [CIDRBlock], in set: BlockSetName, _ text: inout RulesetText) throws {
        let present = try ranges(of: set) ?? []
        let wanted = wanted.map { AddressRange($0) }
        text.deleteRanges(present.filter { !wanted.contains($0) }, from: set)
        text.addRanges(wanted.filter { !present.contains($0) }, to: set)
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
