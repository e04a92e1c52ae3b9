// SPDX-License-Identifier: Apache-2.0
import Addressing
import Netfilter
import Netlink
import VPC

extension FirewallTables {
    func check(
        from source: IPAddress, to destination: IPAddress, in state: FirewallState
    ) throws -> FirewallPathCheck {
        guard let applied else { throw FirewallError.notApplied }
        var result = FirewallPathCheck()
        try result.add(.base, checkTables())
        // Without the tables all the rest is missing too.
        if !result.drift.isEmpty { return result }
        try result.add(.base, checkBase(applied))

        let (from, to) = (FirewallSide(source, state), FirewallSide(destination, state))
        try result.add(.source, checkOwner(of: source, from))
        try result.add(.destination, checkOwner(of: destination, to))
        try result.add(.egress, checkGroups(of: from, .egress, peer: to, applied, state))
        try result.add(.ingress, checkGroups(of: to, .ingress, peer: from, applied, state))
        if InstanceMetadata.addresses.contains(destination) {
            try result.add(
                .instanceMetadata,
                check(
                    FirewallElement(.address(destination)), of: .blockedMetadata(destination.family),
                    isWanted: state.blocksInstanceMetadata))
        }
        if from.isInterface != to.isInterface, !from.isHost, !to.isHost {
            try result.add(.route, checkRoutes((from.isInterface ? source : destination).family, state))
        }
        return result
    }

    private func checkTables() throws -> [FirewallDrift] {
        try Table.allCases.compactMap { table in
            guard let comment = try connection.comment(of: table.id) else { return .missing(.table, table.name) }
            return comment == BaseRuleset.digest ? nil : .otherVersion(table: table.name)
        }
    }

    private func checkBase(_ applied: Applied) throws -> [FirewallDrift] {
        try Table.allCases.flatMap { table in
            try BaseRuleset.chains(table).filter { !$0.hasPrefix("host-") }.flatMap {
                try checkRules(of: $0, in: table, applied)
            }
        }
    }

    /// - Parameter wanted: how many rules there are with each comment.
    private func checkRules(
        of chain: String, in table: Table = .inet, _ applied: Applied, wanted: [String: Int] = [:]
    ) throws -> [FirewallDrift] {
        let found = try connection.ruleFingerprints(in: table.id, chain: chain)[chain] ?? []
        if found.map(\.hash) == applied.fingerprints[table]?[chain] ?? [] { return [] }
        let present = Dictionary(found.compactMap(\.comment).map { ($0, 1) }, uniquingKeysWith: +)
        let missing = wanted.filter { present[$0.key, default: 0] < $0.value }.keys.sorted()
        if missing.isEmpty { return [.rules(chain: "\(table.name) \(chain)")] }
        return missing.map { .missing(.rule, "\($0) of chain \(table.name) \(chain)") }
    }

    private func check(
        _ element: FirewallElement, of set: SetName, isWanted: Bool = true
    ) throws -> [FirewallDrift] {
        let wanted = try element.element()
        let found = try connection.element(wanted.key, of: set.name, in: set.table.id)
        let isThere = found.map { $0.value == wanted.value } ?? false
        if isThere == isWanted, found == nil || isThere { return [] }
        return [
            .elements(
                set: set.description, missing: isWanted ? [element.text] : [],
                surplus: found.map { isThere ? isWanted ? [] : [element.text] : [$0.description] } ?? [])
        ]
    }
}

// MARK: - Whose an address is

extension FirewallTables {
    private func checkOwner(of address: IPAddress, _ side: FirewallSide) throws -> [FirewallDrift] {
        let element = FirewallElement(.address(address))
        var drift = try check(element, of: .enis(address.family), isWanted: side.isKnownHere)
        drift += try check(element, of: .elsewhere(address.family), isWanted: side.isElsewhere)
        guard case .interface(let interface, _) = side else { return drift }
        for (set, element) in interface.elements where set != .enis(address.family) {
            drift += try check(element, of: set)
        }
        return try drift + checkLinkGroup(interface)
    }

    private func checkLinkGroup(_ interface: FirewallInterface) throws -> [FirewallDrift] {
        var combinations = combinations
        let wanted = try combinations.combination(of: interface.securityGroupIDs).linkGroup
        do throws(NetlinkError) {
            let found = try links.link(named: interface.hostName).group
            return found == wanted ? [] : [.linkGroup(interface: interface.hostName, found: found, wanted: wanted)]
        } catch {
            // Whoever looks at links says that it is missing.
            guard error.isNotFound else { throw error }
            return []
        }
    }

    private func checkRoutes(_ family: IPFamily, _ state: FirewallState) throws -> [FirewallDrift] {
        var wanted = FirewallContents(blocksOf: state).blocks
        wanted = wanted.filter { $0.key.family == family }
        return try wanted.sorted { $0.key.name < $1.key.name }.flatMap { try check($0.key, $0.value) }
    }
}

// MARK: - What its groups say

extension FirewallTables {
    private func checkGroups(
        of side: FirewallSide, _ direction: SecurityGroupRule.Direction, peer: FirewallSide, _ applied: Applied,
        _ state: FirewallState
    ) throws -> [FirewallDrift] {
        let groupIDs: [String]
        var drift: [FirewallDrift] = []
        switch side {
        case .interface(let interface, _):
            groupIDs = Set(interface.securityGroupIDs).sorted()
            drift += try checkCombination(of: interface, direction, applied)
        case .host(let host, _):
            groupIDs = Set(host.securityGroupIDs).sorted()
            drift += try checkRules(of: "host-\(direction.rawValue)", applied)
        case .elsewhere, .other: return []
        }
        for group in groupIDs.compactMap({ applied.groups[$0] }) {
            let wanted = group.rules(direction).map { ($0.id, $0.lines(applied.vocabulary).count) }
            drift += try checkRules(
                of: SecurityGroup.chain(group.id, direction), applied,
                wanted: Dictionary(wanted) { first, _ in first })
            drift += try checkPeers(of: group, direction, peer, state)
        }
        return drift
    }

    private func checkCombination(
        of interface: FirewallInterface, _ direction: SecurityGroupRule.Direction, _ applied: Applied
    ) throws -> [FirewallDrift] {
        var combinations = combinations
        let combination = try combinations.combination(of: interface.securityGroupIDs)
        let (map, detours) =
            direction == .egress
            ? (SetName.egress, SetName.egressMoving) : (SetName.ingress, SetName.ingressMoving)
        let way = FirewallElement(.linkGroup(combination.linkGroup), chain: combination.chain(direction))
        let detour = FirewallElement(.interface(interface.hostName), chain: combination.chain(direction))
        return try check(way, of: map) + check(detour, of: detours, isWanted: false)
            + checkRules(of: combination.chain(direction), applied)
    }

    /// Whether the groups and lists that the rules name have the other side's address exactly where they should.
    private func checkPeers(
        of group: SecurityGroup, _ direction: SecurityGroupRule.Direction, _ other: FirewallSide,
        _ state: FirewallState
    ) throws -> [FirewallDrift] {
        try Set(group.rules(direction).map(\.peer)).sorted { "\($0)" < "\($1)" }.flatMap { peer in
            switch peer {
            case .ipv4, .ipv6: return [] as [FirewallDrift]
            case .group(let id):
                guard state.securityGroups.contains(where: { $0.id == id }) else { return [] }
                return try check(
                    FirewallElement(.address(other.address)), of: .members(id, other.address.family),
                    isWanted: other.securityGroupIDs.contains(id))
            case .prefixList(let id):
                guard let list = state.prefixLists.first(where: { $0.id == id }) else { return [] }
                let family = other.address.family
                return try check(.list(id, family), list.entries.map(\.block).of(family).withoutNested)
            }
        }
    }
}
