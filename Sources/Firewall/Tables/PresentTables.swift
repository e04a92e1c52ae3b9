// SPDX-License-Identifier: Apache-2.0
import Netfilter

/// What is in the kernel under our names before all is put right, whoever made it.
struct PresentTables {
    /// The tables, when both are there and this version's.
    var isOurs = true
    var chains: [Table: [String]] = [:]
    /// In the table `inet`.
    var sets: Set<String> = []
    var counters: Set<String> = []

    init(_ connection: NetfilterConnection) throws {
        for table in Table.allCases {
            if try connection.comment(of: table.id) != BaseRuleset.digest { isOurs = false }
        }
        guard isOurs else { return }
        for table in Table.allCases { chains[table] = try connection.chains(in: table.id).map(\.name) }
        sets = Set(try connection.setNames(in: Table.inet.id))
        counters = Set(try connection.counters(in: Table.inet.id).keys)
    }
}
