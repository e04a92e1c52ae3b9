// SPDX-License-Identifier: Apache-2.0

import Addressing
import Glibc
import JSON
import Linux
import Netfilter
import SystemPackage

/// Whether somebody else's rules drop what tasks send through the host.
enum ForwardChecks {
    static let area = "forwarding"

    /// - Parameters:
    ///   - blocks: the subnets'; none where nobody told them.
    ///   - uplink: the link that the default route leaves by.
    static func findings(blocks: [CIDRBlock], uplink: String?) -> [Finding] {
        guard geteuid() == 0 else {
            return [Finding(area, .unknown, "rules of others: only root can read them", mend: "sudo tasknet doctor")]
        }
        let tables: [ForeignTable]
        do {
            tables = try ForeignTable.all(NetfilterConnection())
        } catch {
            return [Finding(area, .unknown, "rules of others cannot be read: \(error)")] + legacy()
        }
        let found = tables.flatMap { findings($0, blocks: blocks, uplink: uplink ?? "uplink") }
        guard found.isEmpty else { return found + legacy() + bridges() }
        return [Finding(area, .ok, "no rules of others drop what tasks send through the host")] + legacy()
    }

    /// One for each chain that drops something.
    static func findings(_ table: ForeignTable, blocks: [CIDRBlock], uplink: String) -> [Finding] {
        let addresses = IPFamily.allCases.compactMap { family -> IPAddress? in
            // Where no subnet is known, as if it were the default one.
            let standard = blocks.isEmpty && family == .v4 ? CIDRBlock("10.64.1.0/24") : nil
            return (blocks.first { $0.family == family } ?? standard)?.address(at: 4)
        }
        let probes = addresses.filter { table.sees($0.family) }.flatMap { ForwardProbe.all($0, uplink: uplink) }
        return table.chains.compactMap { chain in
            var dropped: [(what: String, by: String)] = []
            for probe in probes {
                let fate = table.fate(of: probe, in: chain.name, policy: chain.base?.policy ?? .accept)
                guard case .dropped(let by) = fate else { continue }
                if !dropped.contains(where: { $0.what == probe.name }) { dropped.append((probe.name, by)) }
            }
            guard let first = dropped.first else { return nil }
            let owner = Owner(table)
            return Finding(
                area, .problem,
                """
                chain \(EscapedText.of(chain.name)) of table \(EscapedText.of("\(table.id)"))\(owner.name) drops \
                \(dropped.map(\.what).joined(separator: ", ")) (\(EscapedText.of(first.by))); tasknet does not change \
                rules of others
                """,
                mend: owner.mend(chain, blocks))
        }
    }

    /// Whose a table is, by what is in it.
    enum Owner {
        case docker, ufw, iptables, firewalld, other

        init(_ table: ForeignTable) {
            let chains = Set(table.rules.keys).union(table.rules.values.joined().compactMap(Self.target))
            let isFilter = table.id.name == "filter" && table.id.family != .inet
            if table.id.name == "firewalld" {
                self = .firewalld
            } else if isFilter, chains.contains("DOCKER-USER") {
                self = .docker
            } else if isFilter, chains.contains(where: { $0.hasPrefix("ufw-") || $0.hasPrefix("ufw6-") }) {
                self = .ufw
            } else if isFilter, table.chains.contains(where: { $0.name == "FORWARD" }) {
                self = .iptables
            } else {
                self = .other
            }
        }

        private static func target(_ rule: RuleSketch) -> String? {
            switch rule.verdict {
            case .jump(let chain), .goto(let chain): chain
            default: nil
            }
        }

        var name: String {
            switch self {
            case .docker: " (Docker's)"
            case .ufw: " (ufw's)"
            case .firewalld: " (firewalld's)"
            case .iptables, .other: ""
            }
        }

        /// The commands, in one line.
        func mend(_ chain: Chain, _ blocks: [CIDRBlock]) -> String {
            let seen = blocks.filter { $0.family == .v4 ? chain.table.family != .ip6 : chain.table.family != .ip }
            let sources = seen.isEmpty ? ["<block of the subnet>"] : seen.map(\.description)
            switch self {
            case .docker: return Self.iptables(chain, in: "DOCKER-USER")
            case .iptables: return Self.iptables(chain, in: "FORWARD")
            case .ufw:
                return sources.map { "ufw route allow from \($0) && ufw route allow to \($0)" }
                    .joined(separator: " && ")
            case .firewalld:
                let added = sources.map { "firewall-cmd --permanent --zone=trusted --add-source=\($0)" }
                return (added + ["firewall-cmd --reload"]).joined(separator: " && ")
            case .other:
                let place = "nft insert rule \(EscapedText.of("\(chain.table) \(chain.name)"))"
                return "\(place) iifname 'tn-*' accept && \(place) oifname 'tn-*' accept"
            }
        }

        private static func iptables(_ chain: Chain, in name: String) -> String {
            let program = chain.table.family == .ip6 ? "ip6tables" : "iptables"
            return "\(program) -I \(name) -i tn-+ -j ACCEPT && \(program) -I \(name) -o tn-+ -j ACCEPT"
        }
    }

    /// What iptables-legacy made is in no table of nf_tables.
    private static func legacy() -> [Finding] {
        [("ip_tables_names", "iptables-legacy"), ("ip6_tables_names", "ip6tables-legacy")].compactMap { file, program in
            let names = (try? TextFile.read(FilePath("/proc/net/\(file)")))?.split(separator: "\n") ?? []
            guard names.contains("filter") else { return nil }
            return Finding(
                area, .unknown, "there are rules of \(program) too, which cannot be looked at here",
                mend: """
                    \(program) -S FORWARD shows them; where they drop: \(program) -I FORWARD -i tn-+ -j ACCEPT && \
                    \(program) -I FORWARD -o tn-+ -j ACCEPT
                    """)
        }
    }

    /// Of interest where rules drop.
    private static func bridges() -> [Finding] {
        let on = ["iptables", "ip6tables"].filter { name in
            (try? Sysctl("net", "bridge", "bridge-nf-call-\(name)").read()) == "1"
        }
        guard !on.isEmpty else { return [] }
        return [
            Finding(
                area, .note,
                """
                br_netfilter is on: what goes from port to port of a bridge (the plugin ecs-bridge makes them) is \
                filtered as if it were forwarded
                """,
                mend: on.map { "sysctl -w net.bridge.bridge-nf-call-\($0)=0" }.joined(separator: " && ")
                    + " where nothing else on this host needs it")
        ]
    }
}
