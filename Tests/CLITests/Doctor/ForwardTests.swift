// SPDX-License-Identifier: Apache-2.0

import Addressing
import Linux
import Netfilter
import TestSupport
import Testing

@testable import tasknet

/// Rules as others make them, in a namespace of the test's own, looked at through the kernel.
@Suite("Doctor: rules of others", .requiresRoot)
struct ForwardTests {
    private let blocks = ["10.64.0.0/16", "fd00:64::/48"].compactMap { CIDRBlock($0) }

    private func findings(_ namespace: NetworkNamespace) throws -> [Finding] {
        try ForeignTable.all(NetfilterConnection(in: namespace)).flatMap {
            ForwardChecks.findings($0, blocks: blocks, uplink: "wan")
        }
    }

    private func run(_ commands: String, in namespace: NetworkNamespace) throws {
        for command in commands.split(separator: "\n") {
            try TestSupport.run(command.split(separator: " ").map(String.init), in: namespace)
        }
    }

    private func load(_ rules: String, in namespace: NetworkNamespace) throws {
        try TestSupport.run(["nft", rules], in: namespace)
    }

    private static let docker = """
        iptables-nft -P FORWARD DROP
        iptables-nft -N DOCKER
        iptables-nft -N DOCKER-USER
        iptables-nft -N DOCKER-FORWARD
        iptables-nft -A FORWARD -j DOCKER-USER
        iptables-nft -A FORWARD -j DOCKER-FORWARD
        iptables-nft -A DOCKER-FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
        iptables-nft -A DOCKER-FORWARD -o docker0 -j DOCKER
        iptables-nft -A DOCKER-FORWARD -i docker0 -j ACCEPT
        iptables-nft -A DOCKER ! -i docker0 -o docker0 -j DROP
        iptables-nft -A DOCKER-USER -j RETURN
        """

    @Test("Docker's FORWARD policy is named with the commands, and not when those were run")
    func docker() throws {
        let namespace = try NetworkNamespace.create()
        try run(Self.docker, in: namespace)
        let found = try findings(namespace)
        #expect(found.map(\.verdict) == [.problem])
        #expect(
            found.first?.text == """
                chain FORWARD of table ip filter (Docker's) drops what tasks send to each other, what tasks send to the \
                outside, the answers to it (its policy); tasknet does not change rules of others
                """)
        #expect(
            found.first?.mend
                == "iptables -I DOCKER-USER -i tn-+ -j ACCEPT && iptables -I DOCKER-USER -o tn-+ -j ACCEPT")
        try run("iptables-nft -I DOCKER-USER -i tn-+ -j ACCEPT", in: namespace)
        #expect(try findings(namespace).first?.text.contains("drops the answers to it (its policy)") == true)
        try run("iptables-nft -I DOCKER-USER -o tn-+ -j ACCEPT", in: namespace)
        #expect(try findings(namespace) == [])
    }

    @Test("A bare FORWARD policy, of IPv6 too")
    func policy() throws {
        let namespace = try NetworkNamespace.create()
        try run("iptables-nft -P FORWARD ACCEPT\nip6tables-nft -P FORWARD DROP", in: namespace)
        let found = try findings(namespace)
        #expect(
            found.map(\.mend) == ["ip6tables -I FORWARD -i tn-+ -j ACCEPT && ip6tables -I FORWARD -o tn-+ -j ACCEPT"])
        try run("ip6tables-nft -I FORWARD -i tn-+ -j ACCEPT\nip6tables-nft -I FORWARD -o tn-+ -j ACCEPT", in: namespace)
        #expect(try findings(namespace) == [])
        // At the end, as RHEL's old rules had it.
        try run("iptables-nft -A FORWARD -j REJECT --reject-with icmp-host-prohibited", in: namespace)
        #expect(try findings(namespace).first?.text.contains("(a rule of chain FORWARD)") == true)
    }

    @Test("ufw lets answers pass by itself, and sources by its own command")
    func ufw() throws {
        let namespace = try NetworkNamespace.create()
        try run(
            """
            iptables-nft -P FORWARD DROP
            iptables-nft -N ufw-before-forward
            iptables-nft -N ufw-user-forward
            iptables-nft -A FORWARD -j ufw-before-forward
            iptables-nft -A ufw-before-forward -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
            iptables-nft -A ufw-before-forward -p icmp --icmp-type 3 -j ACCEPT
            iptables-nft -A ufw-before-forward -j ufw-user-forward
            """, in: namespace)
        let found = try findings(namespace)
        #expect(
            found.first?.text.hasPrefix(
                """
                chain FORWARD of table ip filter (ufw's) drops what tasks send to each other, what tasks send to the \
                outside (its policy)
                """) == true, "\(found)")
        #expect(found.first?.mend == "ufw route allow from 10.64.0.0/16 && ufw route allow to 10.64.0.0/16")
        try run("iptables-nft -A ufw-user-forward -s 10.64.0.0/16 -j ACCEPT", in: namespace)
        #expect(try findings(namespace) == [])
    }

    @Test("firewalld rejects at the end, and a source in the trusted zone passes")
    func firewalld() throws {
        let namespace = try NetworkNamespace.create()
        func table(_ zone: String) -> String {
            """
            table inet firewalld {
              chain filter_FWD_trusted { accept; }
              chain filter_FWD_public { ip daddr 192.0.2.7 accept; }
              chain filter_FORWARD_ZONES { \(zone) goto filter_FWD_public; }
              chain filter_FORWARD {
                type filter hook forward priority filter + 10; policy accept;
                ct state { established, related } accept
                ct status dnat accept
                iifname "lo" accept
                ct state invalid drop
                jump filter_FORWARD_ZONES
                reject with icmpx admin-prohibited
              }
            }
            """
        }
        try load(table(""), in: namespace)
        let found = try findings(namespace)
        #expect(found.count == 1)
        #expect(found.first?.text.contains("(firewalld's) drops what tasks send to each other") == true, "\(found)")
        #expect(
            found.first?.mend == """
                firewall-cmd --permanent --zone=trusted --add-source=10.64.0.0/16 && \
                firewall-cmd --permanent --zone=trusted --add-source=fd00:64::/48 && firewall-cmd --reload
                """)
        try load("delete table inet firewalld", in: namespace)
        try load(
            table("ip saddr 10.64.0.0/16 goto filter_FWD_trusted; ip6 saddr fd00:64::/48 goto filter_FWD_trusted;"),
            in: namespace)
        #expect(try findings(namespace) == [])
    }

    @Test("Any other table is named with a command of nft's; what does not forward, or is ours, is not")
    func others() throws {
        let namespace = try NetworkNamespace.create()
        try load(
            """
            table inet mine {
              chain in { type filter hook input priority 0; policy drop; }
              chain out {
                type filter hook forward priority -5; policy drop;
                iifname "tn-*" oifname "tn-*" accept
                oifname != "wan" meta l4proto tcp accept
                iifname "tn-0*" ip saddr & 255.0.0.255 == 10.0.0.4 accept
              }
            }
            table inet tasknet {
              chain forward { type filter hook forward priority 0; policy drop; }
            }
            table bridge b {
              chain f { type filter hook forward priority 0; policy drop; }
            }
            """, in: namespace)
        let found = try findings(namespace)
        #expect(
            found.map(\.text) == [
                """
                chain out of table inet mine drops what tasks send to the outside, the answers to it (its policy); \
                tasknet does not change rules of others
                """
            ])
        #expect(
            found.first?.mend == """
                nft insert rule inet mine out iifname 'tn-*' accept && nft insert rule inet mine out oifname 'tn-*' accept
                """)
        try load("insert rule inet mine out iifname \"tn-*\" accept", in: namespace)
        try load("insert rule inet mine out oifname \"tn-*\" accept", in: namespace)
        #expect(try findings(namespace) == [])
    }

    @Test("Rules that lead in circles, and to nowhere, end")
    func circles() throws {
        let id = TableID(.inet, "x")
        let circle = Array(repeating: RuleSketch([], .jump("a")), count: 50) + [RuleSketch([], .goto("b"))]
        let probe = ForwardProbe.all(try IPAddress(parsing: "10.64.0.4"), uplink: "wan")[0]
        let loop = ForeignTable(id: id, chains: [], rules: ["a": circle])
        #expect(loop.fate(of: probe, in: "a", policy: .drop) == .passes)
        let nowhere = ForeignTable(id: id, chains: [], rules: ["a": [RuleSketch([], .goto("b"))]])
        #expect(nowhere.fate(of: probe, in: "a", policy: .drop) == .dropped(by: "its policy"))
    }
}
