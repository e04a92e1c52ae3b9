// SPDX-License-Identifier: Apache-2.0
import Addressing
import VPC

extension SecurityGroupRule {
    /// The rule in nft's words: a line for each family that it is about.
    ///
    /// - Parameter vocabulary: the groups and lists that there are. A rule about another one matches nothing.
    func lines(_ vocabulary: Vocabulary) -> [String] {
        let verdict = direction == .egress ? "goto to-destination" : "accept"
        return peerMatches(vocabulary).filter { fits($0.family) }.map { family, peer in
            [peer, protocolMatch, "counter name \"\(id)\"", verdict, "comment \"\(id)\""]
                .filter { !$0.isEmpty }.joined(separator: " ")
        }
    }

    /// Each Internet protocol has an ICMP of its own.
    private func fits(_ family: IPFamily) -> Bool {
        switch ipProtocol {
        case .icmp: family == .v4
        case .icmpv6: family == .v6
        case .all, .tcp, .udp, .other: true
        }
    }

    private func peerMatches(_ vocabulary: Vocabulary) -> [(family: IPFamily, match: String)] {
        switch peer {
        case .ipv4(let block): [(.v4, match(.v4(block)))]
        case .ipv6(let block): [(.v6, match(.v6(block)))]
        case .group(let id) where vocabulary.groups.contains(id):
            IPFamily.allCases.map { ($0, "\(field($0)) @\(SetName.members(id, $0).name)") }
        case .prefixList(let id) where vocabulary.lists.contains(id):
            IPFamily.allCases.map { ($0, "\(field($0)) @\(BlockSetName.list(id, $0).name)") }
        case .group, .prefixList: []
        }
    }

    private func match(_ block: CIDRBlock) -> String {
        if block.prefixLength == 0 { return "meta nfproto \(block.family == .v4 ? "ipv4" : "ipv6")" }
        return "\(field(block.family)) \(block)"
    }

    private func field(_ family: IPFamily) -> String {
        "\(family == .v4 ? "ip" : "ip6") \(direction == .egress ? "daddr" : "saddr")"
    }

    private var protocolMatch: String {
        guard let number = ipProtocol.number else { return "" }
        let any = "meta l4proto \(number)"
        if ipProtocol.hasPorts {
            let (from, to) = (fromPort ?? 0, toPort ?? 65535)
            if from <= 0, to >= 65535 { return any }
            return "\(ipProtocol) dport " + (from == to ? "\(from)" : "\(from)-\(to)")
        }
        if ipProtocol.hasTypes {
            let type = fromPort.map { "\(ipProtocol) type \($0)" }
            let code = toPort.map { "\(ipProtocol) code \($0)" }
            return type == nil && code == nil ? any : [type, code].compactMap(\.self).joined(separator: " ")
        }
        return any
    }
}

extension SecurityGroup {
    /// The name of the chain with its rules of a direction.
    static func chain(_ groupID: String, _ direction: SecurityGroupRule.Direction) -> String {
        "\(groupID)-\(direction.rawValue)"
    }

    var chains: [String] { SecurityGroupRule.Direction.allCases.map { Self.chain(id, $0) } }

    /// The chain's rules.
    func lines(_ direction: SecurityGroupRule.Direction, _ vocabulary: Vocabulary) -> [String] {
        rules(direction).flatMap { $0.lines(vocabulary) }
    }
}
