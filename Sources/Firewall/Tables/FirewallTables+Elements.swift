// SPDX-License-Identifier: Apache-2.0
import Netfilter

extension FirewallTables {
    /// The elements of a set, without what they have counted; nil when there is no such set.
    func elements(of set: SetName) throws -> Set<SetElement>? {
        try elements(of: set.name, in: set.table).map { elements in
            Set(
                elements.map { element in
                    var element = element
                    element.counter = nil
                    return element
                })
        }
    }

    /// The elements of a set of blocks; nil when there is no such set.
    func ranges(of set: BlockSetName) throws -> [AddressRange]? {
        try elements(of: set.name, in: .inet)?.compactMap { AddressRange($0) }
    }

    func elements(of set: String, in table: Table) throws -> [SetElement]? {
        do throws(NetfilterError) {
            return try connection.elements(of: set, in: table.id)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    /// Changes elements in one transaction.
    func change(
        _ changes: (change: ElementBatch.Change, elements: [(set: SetName, element: FirewallElement)])...
    ) throws {
        var batch = ElementBatch()
        for (change, elements) in changes {
            for (set, element) in elements {
                batch.append(change, try element.element(), set: set.name, in: set.table.id)
            }
        }
        try run(batch)
    }

    /// Takes elements out of sets that may themselves be gone.
    func forget(_ elements: [(set: SetName, element: FirewallElement)]) throws {
        do {
            try change((.destroy, elements))
        } catch let error as NetfilterError where error.isNotFound {
            for elements in Dictionary(grouping: elements, by: \.set).values {
                do {
                    try change((.destroy, elements))
                } catch let error as NetfilterError where error.isNotFound {
                    continue
                }
            }
        }
    }
}
