// SPDX-License-Identifier: Apache-2.0
import Addressing

extension VPCNetwork {
    /// The most rules that are told of as near.
    private static let mostNearest = 3

    func decision(
        _ networkInterfaceID: String?, _ groupIDs: [String], _ direction: SecurityGroupRule.Direction, isEnforced: Bool,
        _ flow: Flow, otherGroups: [String]
    ) -> GroupDecision {
        var result = GroupDecision(
            networkInterfaceID: networkInterfaceID, direction: direction, groupIDs: groupIDs, isEnforced: isEnforced)
        var others: [GroupDecision.Match] = []
        for group in groupIDs.compactMap({ groupsByID[$0] }) {
            for rule in group.rules where rule.direction == direction {
                let match = GroupDecision.Match(
                    groupID: group.id, groupName: group.name, rule: rule,
                    mismatches: rule.mismatches(flow, isPeer: isPeer))
                if match.mismatches.isEmpty {
                    result.allowing = match
                    return result
                }
                others.append(match)
            }
        }
        result.hasRules = !others.isEmpty
        // A rule with one thing wrong is what somebody meant; one with all wrong is about something else.
        let near = others.filter { $0.mismatches.count == 1 }
        result.nearest = Array(
            (near.filter { $0.mismatches != [.protocol] } + near.filter { $0.mismatches == [.protocol] })
                .prefix(Self.mostNearest))
        if let group = groupIDs.first(where: { groupsByID[$0] != nil }) {
            result.suggestedGroupID = group
            result.suggestion = suggestion(for: flow, direction, groupID: group, otherGroups: otherGroups)
        }
        return result
    }

    /// The narrowest rule that is still sensible: this port, and the other side's first group or, without one, its
    /// address alone.
    private func suggestion(
        for flow: Flow, _ direction: SecurityGroupRule.Direction, groupID: String, otherGroups: [String]
    ) -> SecurityGroupRule? {
        guard let peer = otherGroups.first.map({ .group($0) }) ?? Self.peer(flow.peer(of: direction)) else {
            return nil
        }
        var (from, to) = (flow.destinationPort, flow.destinationPort)
        if let type = flow.typeAndCode?.type { (from, to) = (type, nil) }
        // A rule for `icmp` says nothing about IPv6, nor one for `icmpv6` about IPv4.
        let isForeign =
            flow.ipProtocol == .icmp && flow.source.family == .v6
            || flow.ipProtocol == .icmpv6 && flow.source.family == .v4
        return isForeign
            ? SecurityGroupRule(groupID: groupID, direction: direction, ipProtocol: .all, peer: peer)
            : SecurityGroupRule(
                groupID: groupID, direction: direction, ipProtocol: flow.ipProtocol, fromPort: from, toPort: to,
                peer: peer)
    }

    private static func peer(_ address: IPAddress) -> SecurityGroupRule.Peer? {
        switch address {
        case .v4(let address): IPv4CIDRBlock(network: address, prefixLength: 32).map { .ipv4($0) }
        case .v6(let address): IPv6CIDRBlock(network: address, prefixLength: 128).map { .ipv6($0) }
        }
    }
}
