// SPDX-License-Identifier: Apache-2.0

/// Changes to the elements of sets, also of several tables, which become one transaction: all are made, in their order, or
/// none. The words are nft's.
package struct ElementBatch: Sendable {
    /// What becomes of an element, and how strictly.
    package enum Change: String, Hashable, Sendable {
        /// Being there already is success. In a map it has to be there with the same value (else `EBUSY`); in an
        /// interval set one that only overlaps is refused (`EEXIST` or `ENOTEMPTY`).
        case add
        /// Being there already is an error (`EEXIST`).
        case create
        /// Not being there is an error (`ENOENT`).
        case delete
        /// Not being there is success.
        case destroy
    }

    struct Entry: Sendable {
        let change: Change
        let set: Place
        let element: SetElement
    }

    /// A set, by the table that it is in.
    struct Place: Hashable, Sendable {
        let table: TableID
        let name: String
    }

    private(set) var entries: [Entry] = []

    package init() {}

    package var isEmpty: Bool { entries.isEmpty }
    /// How many changes there are.
    package var count: Int { entries.count }

    package mutating func append(
        _ change: Change, _ elements: some Sequence<SetElement>, set: String, in table: TableID
    ) {
        for element in elements { append(change, element, set: set, in: table) }
    }

    package mutating func append(_ change: Change, _ element: SetElement, set: String, in table: TableID) {
        entries.append(Entry(change: change, set: Place(table: table, name: set), element: element))
    }

    /// The same without some of its changes.
    func without(_ places: Set<Int>) -> ElementBatch {
        var batch = self
        batch.entries = entries.indices.filter { !places.contains($0) }.map { entries[$0] }
        return batch
    }

    /// Looks at all names before the kernel is asked.
    func check() throws(NetfilterError) {
        for entry in entries {
            try NetfilterName.require(entry.set.table.name, "table")
            try NetfilterName.require(entry.set.name, "set")
            if let chain = entry.element.chain { try NetfilterName.require(chain, "chain") }
            if case .object(let name) = entry.element.value { try NetfilterName.require(name, "object") }
        }
    }
}

extension ElementBatch.Entry {
    /// "element 10.0.9.1 of set enis in table inet filter"
    var object: String { "element \(element) of set \(set.name) in table \(set.table)" }
}
