// SPDX-License-Identifier: Apache-2.0
import Netfilter
import Netlink
import SystemPackage
import VPC

extension FirewallTables {
    /// The combination of these groups, with its chains in the kernel.
    func combination(of groupIDs: [String]) throws -> Combination {
        try withApplied { applied in
            try FirewallState.check(groupIDs, of: "a network interface", Set(applied.groups.keys))
            let combination = try combinations.combination(of: groupIDs)
            if applied.combinations.contains(combination) { return combination }
            var text = RulesetText()
            text.add(combination)
            try run(text.text)
            applied.combinations.insert(combination)
            try noteFingerprints(&applied, of: combination.chains)
            return combination
        }
    }

    func add(_ interface: FirewallInterface) throws {
        try interface.check()
        let combination = try combination(of: interface.securityGroupIDs)
        do {
            try setLinkGroup(of: interface.hostName, to: combination)
            try change((.add, interface.elements + interface.memberships(combination.groupIDs)))
            applied?.interfaces[interface.hostName] = combination
        } catch {
            try? remove(interface)
            throw error
        }
    }

    func remove(_ interface: FirewallInterface) throws {
        // Asked for only where it may be there: the kernel takes 10 ms and more to undo a transaction that fails.
        let detour = detoured.contains(interface.hostName) ? FirewallElement.detourKeys(of: interface.hostName) : []
        try forget(interface.elements + interface.memberships(Set(interface.securityGroupIDs)) + detour)
        detoured.remove(interface.hostName)
        applied?.interfaces[interface.hostName] = nil
        dropIdleCombinations()
    }

    func setGroups(of interface: FirewallInterface, to groupIDs: [String]) throws {
        try interface.check()
        let combination = try combination(of: groupIDs)
        let (old, new) = (Set(interface.securityGroupIDs), Set(groupIDs))
        let detour = FirewallElement.detour(of: interface.hostName, to: combination)
        let joined = interface.memberships(new)
        let left = interface.memberships(old.subtracting(new))
        detoured.insert(interface.hostName)
        do {
            try change((.destroy, left), (.add, joined + detour))
        } catch let error as NetfilterError where error.errno == .resourceBusy || error.isAlreadyExists {
            // An earlier move ended half-way.
            try change((.destroy, left + detour), (.add, joined + detour))
        }
        try setLinkGroup(of: interface.hostName, to: combination)
        try endDetours([interface.hostName])
        applied?.interfaces[interface.hostName] = combination
        dropIdleCombinations()
    }

    /// Somebody may come to have a combination again that nobody has; but each change takes the kernel longer the more
    /// there are. One that the link of a new ENI has already is made anew when that is added.
    private func dropIdleCombinations() {
        guard let applied, applied.combinations.count > Self.maximumIdle else { return }
        let idle = applied.combinations.subtracting(applied.interfaces.values)
        guard idle.count > Self.maximumIdle else { return }
        // What does not work is tried with the next change, and put right by the next `apply`.
        try? withApplied { applied in
            var text = RulesetText()
            for combination in idle { text.delete(combination) }
            try run(text.text)
            applied.combinations.subtract(idle)
            combinations.forget(idle)
            try noteFingerprints(&applied, of: idle.flatMap(\.chains))
        }
    }

    private static let maximumIdle = 64

    func endDetours(_ interfaces: [String]) throws {
        try change((.destroy, interfaces.flatMap(FirewallElement.detourKeys)))
        detoured.subtract(interfaces)
    }

    /// A link that is not there yet, or not any more, is no error: whoever makes it gives it the number.
    func setLinkGroup(of interface: String, to combination: Combination) throws {
        do throws(NetlinkError) {
            try links.apply(.changeLink(.name(interface), LinkChange(group: combination.linkGroup)))
        } catch {
            guard error.isNotFound else { throw error }
        }
    }

    func add(_ member: FirewallMember) throws {
        try withApplied { applied in
            try FirewallState.check(member.securityGroupIDs, of: member.eniID, Set(applied.groups.keys))
        }
        try change((.add, member.elements))
    }

    func remove(_ member: FirewallMember) throws {
        try forget(member.elements)
    }
}

extension FirewallElement {
    /// The keys of a detour, wherever it leads.
    static func detourKeys(of interface: String) -> [(set: SetName, element: FirewallElement)] {
        [SetName.egressMoving, .ingressMoving].map { ($0, FirewallElement(.interface(interface))) }
    }
}

extension RulesetText {
    /// The chains of a combination and the way to them, whether or not they are there.
    mutating func add(_ combination: Combination) {
        for direction in [.egress, .ingress] as [SecurityGroupRule.Direction] {
            addChain(combination.chain(direction))
            flushChain(combination.chain(direction))
            addRules(combination.lines(direction), to: combination.chain(direction))
        }
        for (set, element) in combination.elements { addElements([element], to: set) }
    }
}
