// SPDX-License-Identifier: Apache-2.0
import Linux
import Netfilter
import TestSupport
import Testing

@Suite(.requiresRoot)
struct RuleTests {
    private static let text = """
        table inet tasknet {
            counter seen { }
            counter unseen { }
            chain output {
                type filter hook output priority -5; policy accept;
                oifname "lo" counter name "seen" counter comment "all that stays here"
                oifname "lo" quota over 1 mbytes drop
                oifname "lo" tcp dport { 22, 80 } jump more
            }
            chain more {
                accept
            }
            chain empty { }
        }

        """

    /// A packet to nobody, from the namespace to itself.
    private func send(in namespace: NetworkNamespace) throws {
        try run(["ip", "link", "set", "lo", "up"], in: namespace)
        try run(["ping", "-c", "1", "-W", "1", "127.0.0.1"], in: namespace)
    }

    @Test func countingIsNoDriftAndAnotherRuleIs() throws {
        let filter = try Filter(Self.text)
        let before = try filter.connection.ruleFingerprints(in: inet)
        #expect(before.mapValues(\.count) == ["output": 3, "more": 1])
        let output = try #require(before["output"])
        #expect(output.map(\.comment) == ["all that stays here", nil, nil])
        #expect(output.map(\.counters) == [[Counter(packets: 0, bytes: 0)], [], []])
        #expect(Set(output.map(\.hash)).count == 3)
        #expect(output.map(\.handle) == output.map(\.handle).sorted())

        try send(in: filter.namespace)
        let counted = try #require(filter.connection.ruleFingerprints(in: inet)["output"])
        #expect(counted.map(\.hash) == output.map(\.hash))
        #expect(counted.map(\.handle) == output.map(\.handle))
        #expect(try #require(counted[0].counters.first).packets >= 2)
        // The same text in another namespace.
        #expect(try Filter(Self.text).connection.ruleFingerprints(in: inet) == before)

        try filter.rules.apply(
            "replace rule inet tasknet output handle \(output[1].handle) oifname \"lo\" quota over 2 mbytes drop")
        let replaced = try #require(filter.connection.ruleFingerprints(in: inet)["output"])
        #expect(replaced.map { rule in output.contains { $0.hash == rule.hash } } == [true, false, true])
        try filter.rules.apply("flush chain inet tasknet output")
        #expect(try filter.connection.ruleFingerprints(in: inet).keys.sorted() == ["more"])
        #expect(try filter.connection.ruleFingerprints(in: TableID(.ip, "nowhere")).isEmpty)
    }

    @Test func namedCountersCountRealPackets() throws {
        let filter = try Filter(Self.text)
        let zero = Counter(packets: 0, bytes: 0)
        #expect(try filter.connection.counters(in: inet) == ["seen": zero, "unseen": zero])
        try send(in: filter.namespace)
        let counters = try filter.connection.counters(in: inet)
        let seen = try #require(counters["seen"])
        #expect(seen.packets >= 2)
        #expect(seen.bytes >= 2 * 84)
        #expect(counters["unseen"] == zero)
        #expect(try filter.connection.counter("seen", in: inet) == seen)
        #expect(refusal { _ = try filter.connection.counter("none", in: inet) }?.isNotFound == true)
        #expect(refusal { _ = try filter.connection.counter("seen", in: TableID(.ip, "nowhere")) }?.isNotFound == true)
        #expect(try filter.connection.counters(in: TableID(.ip, "nowhere")).isEmpty)
    }

    @Test func elementsCountRealPackets() throws {
        let filter = try Filter(
            """
            table inet tasknet {
                set known {
                    type ipv4_addr
                    counter
                }
                chain output {
                    type filter hook output priority 0
                    ip daddr @known accept
                }
            }
            """)
        let known = try ["127.0.0.1", "127.0.0.2"].map { SetElement(SetKey(try ip($0))) }
        try filter.apply(.create, known, set: "known")
        try send(in: filter.namespace)
        let elements = try filter.connection.elements(of: "known", in: inet)
        #expect(elements.map(\.extent) == known.map(\.extent))
        #expect(try #require(elements[0].counter).packets >= 2)
        #expect(elements[1].counter == Counter(packets: 0, bytes: 0))
    }

    @Test func baseChainsOfAllTablesAreSeen() throws {
        let filter = try Filter(Self.text)
        try run(["ip", "link", "add", "one", "type", "veth", "peer", "name", "two"], in: filter.namespace)
        try filter.rules.apply(
            """
            table ip other {
                chain source {
                    type nat hook postrouting priority srcnat
                }
            }
            table arp tasknet {
                chain in {
                    type filter hook input priority 7; policy drop;
                }
            }
            table netdev tasknet {
                chain in {
                    type filter hook ingress device "lo" priority -500
                }
                chain more {
                    type filter hook ingress devices = { "one", "two" } priority 0
                }
            }
            """)
        let chains = try filter.connection.baseChains()
        let lines = chains.compactMap { chain in
            chain.base.map { base in
                let devices = base.devices.sorted().joined(separator: " ")
                let place = "\(base.type) \(base.hook) \(base.priority) \(base.policy)"
                return "\(chain.table) \(chain.name) \(place) \(devices)"
            }
        }
        #expect(
            Set(lines) == [
                "inet tasknet output filter output -5 accept ", "ip other source nat postrouting 100 accept ",
                "arp tasknet in filter input 7 drop ", "netdev tasknet in filter ingress -500 accept lo",
                "netdev tasknet more filter ingress 0 accept one two",
            ])
        let own = try filter.connection.chains(in: inet)
        #expect(own.map(\.name).sorted() == ["empty", "more", "output"])
        #expect(own.filter { $0.base == nil }.count == 2)
        #expect(try filter.connection.chains(in: TableID(.ip, "nowhere")).isEmpty)
    }
}
