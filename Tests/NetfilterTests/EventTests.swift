// SPDX-License-Identifier: Apache-2.0
import Netfilter
import TestSupport
import Testing

@Suite("Ruleset: events", .requiresRoot) struct EventTests {
    private func transactions(_ events: [RulesetEvent]) -> [RulesetTransaction] {
        events.compactMap { event in
            guard case .transaction(let transaction) = event else { return nil }
            return transaction
        }
    }

    @Test("Each transaction is told with its generation, the tables that it touched, and whose it was")
    func told() throws {
        let filter = try Filter("table inet tasknet { set enis { type ipv4_addr; }; chain forward { accept; }; }")
        let events = try RulesetEvents(in: filter.namespace)
        let before = try filter.connection.generation()
        let added = SetElement(SetKey(try ip("10.0.0.1")))
        try filter.apply(.add, [added], set: "enis")
        #expect(try filter.connection.generation() == before + 1)
        try filter.rules.apply("add table ip other; add table arp tasknet; add counter arp tasknet c")
        try run(["nft", "add table ip6 other; flush chain inet tasknet forward"], in: filter.namespace)
        try run(["nft", "flush ruleset"], in: filter.namespace)

        let told = transactions(try events.now())
        #expect(told.map(\.generation) == [before + 1, before + 2, before + 3, before + 4])
        let (ip, arp, ip6) = (TableID(.ip, "other"), TableID(.arp, "tasknet"), TableID(.ip6, "other"))
        #expect(told.map(\.tables) == [[inet], [ip, arp], [ip6, inet], [inet, ip, arp, ip6]])
        #expect(told.dropFirst(2).map(\.processName) == ["nft", "nft"])
        #expect(told.allSatisfy { $0.processID > 0 })
        #expect(try events.now().isEmpty)
    }

    @Test("What is in other namespaces, or was refused, is not told")
    func untold() throws {
        let filter = try Filter("add table inet tasknet")
        let events = try RulesetEvents(in: filter.namespace)
        let other = try Filter("add table inet tasknet")
        try other.rules.apply("delete table inet tasknet")
        _ = refusal { try filter.rules.apply("add table ip other; delete chain inet tasknet nowhere") }
        #expect(try events.now().isEmpty)
    }

    @Test("Who waits is told, and who reads too late too")
    func waiting() async throws {
        let filter = try Filter("table inet tasknet { set enis { type ipv4_addr; }; }")
        let events = try RulesetEvents(in: filter.namespace, receiveBuffer: 1)
        async let next = events.next()
        try filter.rules.apply("add chain inet tasknet forward")
        #expect(try await transactions(next ?? []).map(\.tables) == [[inet]])

        let elements = try (0..<20_000).map { number in
            SetElement(SetKey(try ip("10.0.\(number / 250).\(number % 250)")))
        }
        try filter.apply(.add, elements, set: "enis")
        #expect(try events.now().contains(.overflow))
        // It goes on after that.
        while try !events.now().isEmpty {}
        try filter.rules.apply("delete table inet tasknet")
        #expect(transactions(try events.now()).map(\.tables) == [[inet]])
    }

    @Test("A reader that is cancelled ends")
    func cancelled() async throws {
        let events = try RulesetEvents(in: Filter().namespace)
        let reader = Task { try await events.next() }
        reader.cancel()
        #expect(try await reader.value == nil)
    }
}
