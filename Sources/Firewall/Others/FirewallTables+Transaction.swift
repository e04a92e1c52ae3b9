// SPDX-License-Identifier: Apache-2.0
package import Netfilter
import Synchronization

extension FirewallTables {
    /// Runs a text of nft's as one transaction.
    func run(_ text: String) throws { try ours { try ruleset.apply(text) } }

    /// Whoever follows `Firewall.events` is not told.
    func run(_ batch: ElementBatch) throws { try connection.apply(batch) }

    /// Notes what a transaction made of the ruleset as this program's.
    private func ours(_ body: () throws -> Void) throws {
        let before = try connection.generation()
        try body()
        ownGenerations.note(before: before, after: try connection.generation())
    }

    func isByOthers(_ event: RulesetEvent) -> Bool {
        switch event {
        case .overflow: true
        case .transaction(let transaction):
            Table.allCases.contains { transaction.tables.contains($0.id) }
                && !ownGenerations.contains(transaction.generation)
        }
    }
}

extension Firewall {
    /// What happens to the host's ruleset from now on, without those changes of this firewall's that are made most often:
    /// nobody is woken for them.
    package func events() throws -> RulesetEvents {
        try tables.withLock { try RulesetEvents(in: host, ignoring: $0.connection) }
    }

    /// Those events that others have to do with, and that may have changed our tables. What was lost may have been
    /// anybody's.
    ///
    /// - Parameter events: of `events`. This program's own are known as such once the call that made them has
    ///   returned.
    package func byOthers(_ events: [RulesetEvent]) -> [RulesetEvent] {
        tables.withLock { tables in events.filter { tables.isByOthers($0) } }
    }
}
