// SPDX-License-Identifier: Apache-2.0

import Addressing
import Netfilter

/// A table of somebody else's that decides about what the host forwards.
struct ForeignTable: Sendable {
    var id: TableID
    /// Those that the kernel calls for what is forwarded.
    var chains: [Chain]
    var rules: [String: [RuleSketch]]

    /// What becomes of a packet in a chain.
    enum Fate: Hashable, Sendable {
        case passes
        /// Where that is: "its policy", "a rule of chain FORWARD".
        case dropped(by: String)
    }

    /// What a base chain does with a packet, by those of its rules that are about its way alone.
    func fate(of probe: ForwardProbe, in chain: String, policy: Chain.Policy) -> Fate {
        var walk = Walk(table: self, probe: probe)
        switch walk.end(in: chain, depth: 0) {
        case .decided(let fate): return fate
        case .over: return policy == .drop ? .dropped(by: "its policy") : .passes
        }
    }

    private enum End {
        case decided(Fate)
        /// It came to the end of the chain.
        case over
    }

    private struct Walk {
        let table: ForeignTable
        let probe: ForwardProbe
        /// Rules can lead the walk through chains as often as they like.
        var steps = 100_000

        mutating func end(in chain: String, depth: Int) -> End {
            // The kernel's own limit.
            guard depth < 16 else { return .over }
            for rule in table.rules[chain] ?? [] {
                steps -= 1
                guard steps > 0 else { return .decided(.passes) }
                guard let verdict = rule.verdict, probe.meets(rule) else { continue }
                switch verdict {
                case .accept: return .decided(.passes)
                case .drop: return .decided(.dropped(by: "a rule of chain \(chain)"))
                case .return: return .over
                case .goto(let next): return end(in: next, depth: depth + 1)
                case .jump(let next):
                    if case .decided(let fate) = end(in: next, depth: depth + 1) { return .decided(fate) }
                }
            }
            return .over
        }
    }
}

extension ForeignTable {
    /// All of a namespace's that look at what is forwarded, but for tasknet's own.
    static func all(_ connection: NetfilterConnection) throws(NetfilterError) -> [ForeignTable] {
        let chains = try connection.baseChains().filter { chain in
            chain.base?.hook == .forward && [.inet, .ip, .ip6].contains(chain.table.family)
                && chain.table.name != "tasknet"
        }
        var tables: [ForeignTable] = []
        for (id, chains) in Dictionary(grouping: chains, by: \.table) {
            tables.append(ForeignTable(id: id, chains: chains, rules: try connection.ruleSketches(in: id)))
        }
        return tables.sorted { $0.id.description < $1.id.description }
    }

    func sees(_ family: IPFamily) -> Bool {
        switch id.family {
        case .ip: family == .v4
        case .ip6: family == .v6
        default: true
        }
    }
}
