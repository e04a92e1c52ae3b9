// SPDX-License-Identifier: Apache-2.0

/// The numbers of all combinations of groups that some ENI has. Links keep theirs over a restart of the daemon, so the
/// daemon has to keep this table.
package struct Combinations: Hashable, Sendable {
    /// The link group by the groups' ids, sorted.
    package private(set) var linkGroups: [[String]: UInt32]

    /// Link groups are the whole host's. These begin with "tn", so that nobody's own are met.
    static let range: ClosedRange<UInt32> = 0x746E_0001...0x746E_FFFF

    package init(linkGroups: [[String]: UInt32] = [:]) { self.linkGroups = linkGroups }

    /// The combination of these groups in any order. One that is not known yet gets the lowest number that is free.
    ///
    /// - Throws: when all numbers are taken.
    package mutating func combination(of groupIDs: some Sequence<String>) throws(FirewallError) -> Combination {
        let groupIDs = Set(groupIDs).sorted()
        if let linkGroup = linkGroups[groupIDs] { return Combination(groupIDs: groupIDs, linkGroup: linkGroup) }
        let taken = Set(linkGroups.values)
        guard let linkGroup = Self.range.first(where: { !taken.contains($0) }) else {
            throw .tooManyCombinations(Self.range.count)
        }
        linkGroups[groupIDs] = linkGroup
        return Combination(groupIDs: groupIDs, linkGroup: linkGroup)
    }

    /// All, by their numbers.
    package var all: [Combination] {
        linkGroups.map { Combination(groupIDs: $0.key, linkGroup: $0.value) }.sorted { $0.linkGroup < $1.linkGroup }
    }

    mutating func forget(_ combinations: Set<Combination>) {
        for combination in combinations { linkGroups[combination.groupIDs] = nil }
    }

    /// Forgets those that nobody has any more.
    package mutating func keep(_ combinations: Set<Combination>) {
        linkGroups = linkGroups.filter {
            combinations.contains(Combination(groupIDs: $0.key, linkGroup: $0.value))
        }
    }
}
