// SPDX-License-Identifier: Apache-2.0
import Linux
import Netfilter
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot)
struct RulesetTests {
    @Test func aTextIsAppliedAsAWholeAndListed() throws {
        let filter = try Filter(
            """
            table inet tasknet {
                chain forward {
                    type filter hook forward priority filter; policy drop;
                    ip daddr 10.0.0.1 tcp dport { 22, 80 } counter accept comment "ssh and web"
                }
            }
            table arp tasknet {
                chain input { type filter hook input priority 0; }
            }
            """)
        let text = try filter.rules.list("list table inet tasknet")
        #expect(text.contains("ip daddr 10.0.0.1 tcp dport { 22, 80 }"))
        let json = try JSON(parsing: filter.rules.listJSON("list tables"))
        #expect(json["nftables"].elements.compactMap { $0["table"]["family"].text } == ["inet", "arp"])
        // Here, and nowhere else.
        #expect(try Filter().rules.list("list ruleset").isEmpty)
    }

    @Test func aTextWithAnErrorInItsLastLineChangesNothing() throws {
        let filter = try Filter("add table inet tasknet; add chain inet tasknet here")
        let before = try filter.rules.list("list ruleset")
        // Refused by nft.
        let syntax = refusal {
            try filter.rules.apply(
                "add table ip other\nadd chain inet tasknet more\nadd rule inet tasknet here nonsense\n")
        }
        #expect(syntax?.errno == .invalidArgument)
        #expect(syntax?.message?.hasPrefix("line 3:") == true)
        #expect(syntax?.message?.contains("here nonsense") == true)
        // Refused by the kernel, after all else went well.
        let kernel = refusal {
            try filter.rules.apply(
                "add table ip other\nadd chain inet tasknet more\ndelete chain inet tasknet nowhere\n")
        }
        #expect(kernel?.isNotFound == true)
        #expect(kernel?.message?.contains("delete chain inet tasknet nowhere") == true)
        #expect(try filter.rules.list("list ruleset") == before)
    }

    @Test func listingChangesNothing() throws {
        let filter = try Filter("add table inet tasknet")
        _ = try? filter.rules.list("add table ip other; list tables; flush ruleset")
        _ = try? filter.rules.listJSON("delete table inet tasknet")
        #expect(try filter.rules.list("list tables") == "table inet tasknet\n")
        #expect(refusal { _ = try filter.rules.list("list table ip other") }?.isNotFound == true)
    }

    @Test func aTextThatEndsEarlyIsRefused() throws {
        let filter = try Filter()
        let error = refusal { try filter.rules.apply("add table inet tasknet\0; add table ip other") }
        #expect(error?.description.contains("NUL") == true)
        #expect(try filter.rules.list("list ruleset").isEmpty)
    }

    @Test func manyThreadsTakeTurns() async throws {
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for number in 0..<8 {
                group.addTask {
                    let rules = Ruleset(in: try .create())
                    try rules.apply("add table inet t\(number)")
                    return try rules.list("list tables") == "table inet t\(number)\n"
                }
            }
            for try await isAlone in group { #expect(isAlone) }
        }
    }
}
