// SPDX-License-Identifier: Apache-2.0
import Addressing
package import VPC

/// What permissions can refer to, by id or name.
package struct SecurityGroupReferences: Sendable {
    package var securityGroups: [SecurityGroup]
    package var prefixLists: [PrefixList]
    /// Whose all of it is; nil where nobody says.
    package var accountID: String?

    package init(securityGroups: [SecurityGroup], prefixLists: [PrefixList] = [], accountID: String? = nil) {
        self.securityGroups = securityGroups
        self.prefixLists = prefixLists
        self.accountID = accountID
    }

    /// The group that a request names by its id or by its name.
    package func securityGroup(
        groupId: String?, groupName: String? = nil
    ) throws(ValidationFailure) -> SecurityGroup {
        switch (groupId, groupName) {
        case (nil, nil):
            throw ValidationFailure(
                .missingParameter, "The request must contain the parameter GroupId",
                detail: "name the security group by GroupId or GroupName")
        case (.some, .some(let name)) where securityGroups.named(groupId ?? "")?.name != name:
            throw ValidationFailure(
                .parameterCombination, "The parameters GroupId and GroupName may not be used together",
                detail: "leave one of them out")
        case (let id?, _): return try securityGroup(named: id)
        case (nil, let name?): return try securityGroup(named: name)
        }
    }

    /// By id or name.
    package func securityGroup(named text: String) throws(ValidationFailure) -> SecurityGroup {
        if let group = securityGroups.named(text) { return group }
        throw ValidationFailure(
            .groupNotFound, "The security group '\(text.shortened)' does not exist",
            detail: "there are: \(securityGroups.map(\.label).listed)")
    }

    /// The group that a pair names. What EC2's could name elsewhere is refused: it is not the one here of the same name.
    func securityGroup(_ pair: IpPermission.UserIdGroupPair) throws(ValidationFailure) -> SecurityGroup {
        if let userID = pair.userId, let accountID, userID != accountID {
            throw ValidationFailure(
                .groupNotFound,
                "The security group '\((pair.groupId ?? pair.groupName ?? "").shortened)' of account "
                    + "'\(userID.shortened)' does not exist",
                detail: "UserId is \(accountID) here: write that, or leave it out")
        }
        let group = try securityGroup(groupId: pair.groupId, groupName: pair.groupName)
        if let vpcID = pair.vpcId, vpcID != group.vpcID {
            throw ValidationFailure(
                .vpcNotFound, "The vpc ID '\(vpcID.shortened)' does not exist",
                detail: "VpcId is \(group.vpcID) here: write that, or leave it out")
        }
        return group
    }

    /// By id or name.
    package func prefixList(named text: String) throws(ValidationFailure) -> PrefixList {
        if let list = prefixLists.named(text) { return list }
        let labels = prefixLists.map(\.label).listed
        throw ValidationFailure(
            .prefixListNotFound, "The prefix list ID '\(text.shortened)' does not exist",
            detail: labels.isEmpty ? "no prefix list is configured" : "there are: \(labels)")
    }
}

extension IpPermission {
    /// One rule for each peer, canonical, with the ids that follow from what they say.
    ///
    /// - Parameter groupID: Of the group that the rules are for.
    package func rules(
        _ direction: SecurityGroupRule.Direction, groupID: String, references: SecurityGroupReferences
    ) throws(ValidationFailure) -> [SecurityGroupRule] {
        guard let text = ipProtocol, !text.isEmpty else {
            throw ValidationFailure(
                .missingParameter, "The request must contain the parameter IpProtocol",
                detail: "it is tcp, udp, icmp, icmpv6, a number, or -1 for all")
        }
        guard let ipProtocol = IPProtocol(text) else {
            throw ValidationFailure(
                .parameterValue, "Invalid value '\(text.shortened)' for IP protocol: Unknown protocol",
                detail: "it is tcp, udp, icmp, icmpv6, a number from 0 to 255, or -1 for all")
        }
        let (from, to) = try ports(of: ipProtocol)
        var result: [SecurityGroupRule] = []
        for (peer, description) in try peers(references) {
            let rule = try SecurityGroupRule(
                id: "", direction: direction, ipProtocol: ipProtocol, fromPort: from, toPort: to,
                peer: peer, ruleDescription: description
            ).canonical()
            result.append(
                SecurityGroupRule(
                    groupID: groupID, direction: direction, ipProtocol: rule.ipProtocol, fromPort: rule.fromPort,
                    toPort: rule.toPort, peer: rule.peer, ruleDescription: rule.ruleDescription))
        }
        if result.isEmpty {
            throw ValidationFailure(
                .permissionMalformed, "The permission for \(ipProtocol) names nobody",
                detail: "give IpRanges, Ipv6Ranges, UserIdGroupPairs or PrefixListIds")
        }
        return result
    }

    /// The ports as rules have them: who forgets them has not said all.
    private func ports(of ipProtocol: IPProtocol) throws(ValidationFailure) -> (Int?, Int?) {
        guard ipProtocol.hasPorts else { return (fromPort, toPort) }
        guard fromPort != nil, toPort != nil else {
            throw ValidationFailure(
                .parameterValue, "Invalid port range: both FromPort and ToPort are needed with \(ipProtocol)",
                detail: "for one port give it twice, for all give 0 and 65535")
        }
        return fromPort == -1 && toPort == -1 ? (nil, nil) : (fromPort, toPort)
    }

    private func peers(
        _ references: SecurityGroupReferences
    ) throws(ValidationFailure) -> [(SecurityGroupRule.Peer, String?)] {
        var result: [(SecurityGroupRule.Peer, String?)] = []
        for range in ipRanges {
            result.append((try Self.peer(range.cidrIp, .v4), range.description))
        }
        for range in ipv6Ranges {
            result.append((try Self.peer(range.cidrIpv6, .v6), range.description))
        }
        for pair in userIdGroupPairs {
            let group = try references.securityGroup(pair)
            result.append((.group(group.id), pair.description))
        }
        for list in prefixListIds {
            let found = try references.prefixList(named: list.prefixListId ?? "")
            result.append((.prefixList(found.id), list.description))
        }
        return result
    }

    /// The block that `text` lies in: EC2 clears the host bits of rules' blocks.
    private static func peer(_ text: String?, _ family: IPFamily) throws(ValidationFailure) -> SecurityGroupRule.Peer {
        let text = text ?? ""
        let member = family == .v4 ? "CidrIp" : "CidrIpv6"
        do throws(AddressError) {
            switch try InterfaceAddress(parsing: text).network {
            case .v4(let block) where family == .v4: return .ipv4(block)
            case .v6(let block) where family == .v6: return .ipv6(block)
            default: break
            }
        } catch {
            throw ValidationFailure(
                .parameterValue, "CIDR block '\(text.shortened)' is malformed", detail: "\(member): \(error.reason)")
        }
        throw ValidationFailure(
            .parameterValue, "CIDR block '\(text.shortened)' is malformed",
            detail: "\(member) takes an \(family) block; \(family == .v4 ? "CidrIpv6" : "CidrIp") takes the other")
    }
}

extension [IpPermission] {
    /// The rules of all, in order.
    ///
    /// - Throws: `ValidationFailure` with EC2's code: `MissingParameter` for an empty list.
    package func rules(
        _ direction: SecurityGroupRule.Direction, groupID: String, references: SecurityGroupReferences
    ) throws(ValidationFailure) -> [SecurityGroupRule] {
        if isEmpty {
            throw ValidationFailure(
                .missingParameter, "The request must contain the parameter IpPermissions", detail: "give at least one")
        }
        var result: [SecurityGroupRule] = []
        for permission in self {
            result += try permission.rules(direction, groupID: groupID, references: references)
        }
        return result
    }

    /// Rules as EC2 describes them: those of the same protocol and ports together, in the order in which they first
    /// come.
    ///
    /// - Parameter accountID: Whose the groups are.
    package init(_ rules: [SecurityGroupRule], accountID: String? = nil) {
        self = []
        for rule in rules {
            let (from, to) = rule.ec2Ports
            let text = rule.ipProtocol.description
            let index =
                firstIndex { $0.ipProtocol == text && $0.fromPort == from && $0.toPort == to } ?? endIndex
            if index == endIndex { append(IpPermission(ipProtocol: text, fromPort: from, toPort: to)) }
            let description = rule.ruleDescription
            switch rule.peer {
            case .ipv4(let block):
                self[index].ipRanges.append(.init(cidrIp: block.description, description: description))
            case .ipv6(let block):
                self[index].ipv6Ranges.append(.init(cidrIpv6: block.description, description: description))
            case .group(let id):
                self[index].userIdGroupPairs.append(
                    .init(groupId: id, userId: accountID, description: description))
            case .prefixList(let id):
                self[index].prefixListIds.append(.init(prefixListId: id, description: description))
            }
        }
    }
}

extension SecurityGroupRule {
    /// `FromPort` and `ToPort`: none for protocols that have neither ports nor types, -1 for all types or codes.
    var ec2Ports: (from: Int?, to: Int?) {
        if ipProtocol.hasTypes { return (fromPort ?? -1, toPort ?? -1) }
        if ipProtocol.hasPorts { return (fromPort ?? Self.ports.lowerBound, toPort ?? Self.ports.upperBound) }
        return (nil, nil)
    }
}
