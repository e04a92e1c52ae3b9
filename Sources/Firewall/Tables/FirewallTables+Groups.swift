// SPDX-License-Identifier: Apache-2.0
import Addressing
import Netfilter
import VPC

extension FirewallTables {
    func put(_ group: SecurityGroup) throws {
        try group.check()
        try withApplied { applied in
            let old = applied.groups.updateValue(group, forKey: group.id)
            var text = RulesetText()
            for family in IPFamily.allCases { text.addSet(.members(group.id, family), isInterval: false) }
            for direction in SecurityGroupRule.Direction.allCases {
                text.addChain(SecurityGroup.chain(group.id, direction))
            }
            for rule in group.rules { text.addCounter(rule.id) }
            text.replaceRules(of: group, applied.vocabulary)
            // Rules that had named it in vain.
            let others = old == nil ? applied.groups(referringTo: .group(group.id)) : []
            text.replaceRules(of: others, applied.vocabulary)
            let kept = Set(group.rules.map(\.id))
            for rule in old?.rules ?? [] where !kept.contains(rule.id) { text.deleteCounter(rule.id) }
            try run(text.text)
            try noteFingerprints(&applied, of: ([group] + others).flatMap(\.chains))
        }
    }

    func deleteGroup(_ id: String) throws {
        try withApplied { applied in
            guard let group = applied.groups.removeValue(forKey: id) else { return }
            let combinations = applied.combinations.filter { $0.groupIDs.contains(id) }
            var text = RulesetText()
            let others = applied.groups(referringTo: .group(id))
            text.replaceRules(of: others, applied.vocabulary)
            for combination in combinations { text.delete(combination) }
            for direction in SecurityGroupRule.Direction.allCases {
                text.flushChain(SecurityGroup.chain(id, direction))
                text.deleteChain(SecurityGroup.chain(id, direction))
            }
            for family in IPFamily.allCases { text.deleteSet(.members(id, family)) }
            for rule in group.rules { text.deleteCounter(rule.id) }
            try run(text.text)
            applied.combinations.subtract(combinations)
            self.combinations.forget(combinations)
            let gone = combinations.flatMap(\.chains) + group.chains
            try noteFingerprints(&applied, of: gone + others.flatMap(\.chains))
        }
    }

    func put(_ list: PrefixList) throws {
        try list.check()
        try withApplied { applied in
            let isNew = applied.lists.insert(list.id).inserted
            var text = RulesetText()
            for family in IPFamily.allCases {
                let set = BlockSetName.list(list.id, family)
                if isNew { text.addSet(SetName(set.name), isInterval: true) }
                try put(list.entries.map(\.block).of(family).withoutNested, in: set, &text)
            }
            let groups = isNew ? applied.groups(referringTo: .prefixList(list.id)) : []
            text.replaceRules(of: groups, applied.vocabulary)
            try run(text.text)
            try noteFingerprints(&applied, of: groups.flatMap(\.chains))
        }
    }

    func deletePrefixList(_ id: String) throws {
        try withApplied { applied in
            guard applied.lists.remove(id) != nil else { return }
            var text = RulesetText()
            let groups = applied.groups(referringTo: .prefixList(id))
            text.replaceRules(of: groups, applied.vocabulary)
            for family in IPFamily.allCases { text.deleteSet(SetName(BlockSetName.list(id, family).name)) }
            try run(text.text)
            try noteFingerprints(&applied, of: groups.flatMap(\.chains))
        }
    }
}

extension FirewallTables.Applied {
    func groups(referringTo peer: SecurityGroupRule.Peer) -> [SecurityGroup] {
        groups.values.filter { $0.rules.contains { $0.peer == peer } }.sorted { $0.id < $1.id }
    }
}

extension RulesetText {
    mutating func replaceRules(of groups: [SecurityGroup], _ vocabulary: Vocabulary) {
        for group in groups { replaceRules(of: group, vocabulary) }
    }

    mutating func replaceRules(of group: SecurityGroup, _ vocabulary: Vocabulary) {
        for direction in SecurityGroupRule.Direction.allCases {
            let chain = SecurityGroup.chain(group.id, direction)
            flushChain(chain)
            addRules(group.lines(direction, vocabulary), to: chain)
        }
    }

    mutating func delete(_ combination: Combination) {
        for (set, element) in combination.elements { deleteElements([element], from: set) }
        for direction in SecurityGroupRule.Direction.allCases {
            flushChain(combination.chain(direction))
            deleteChain(combination.chain(direction))
        }
    }
}
