// SPDX-License-Identifier: Apache-2.0
import Addressing
import Netlink

/// A link that is there is set as said. What is nil is left as it is.
package struct LinkRequirement: Hashable, Sendable, Codable {
    package let scope: RequirementScope
    package let name: InterfaceName
    /// Whether it is brought up. A link that is born up need not be.
    package let isUp: Bool?
    package let alias: String?
    /// Whether the kernel makes it a link-local address. The corresponding C constant is `IFLA_INET6_ADDR_GEN_MODE`.
    package let makesLinkLocalAddress: Bool?
    package let ipv4: IPv4LinkSettings?

    package init(
        scope: RequirementScope, name: InterfaceName, isUp: Bool? = true, alias: String? = nil,
        makesLinkLocalAddress: Bool? = nil,
        ipv4: IPv4LinkSettings? = nil
    ) {
        self.scope = scope
        self.name = name
        self.isUp = isUp
        self.alias = alias
        self.makesLinkLocalAddress = makesLinkLocalAddress
        self.ipv4 = ipv4
    }
}

extension LinkRequirement: RequirementKind {
    var label: String {
        if name == .loopback { return "lo up" }
        return scope == .host ? "host end \(name)" : "settings of \(name)"
    }

    /// The host's end of a pair stays a moment longer than its namespace: `undo` marks it.
    var goesWithNamespace: Bool { scope == .task }
    var goesWithHostEnd: InterfaceName? { scope == .host ? name : nil }

    func apply(in ground: Ground) throws -> ApplyOutcome {
        let outcome: ApplyOutcome = ground.hasMade(name) ? .made : .found
        if let known = ground.known(scope, name) {
            let rest = lacking(known)
            if !rest.isEmpty { try rest.set(on: ground.side(scope)) }
        } else {
            try set(on: ground.side(scope))
        }
        return outcome
    }

    /// Says all of it at once.
    private func set(on side: Side) throws {
        let index = try side.index(of: name)
        let change = LinkChange(
            isUp: isUp, alias: alias,
            addressGeneration: makesLinkLocalAddress == false ? AddressGeneration.none : nil, ipv4: ipv4?.options)
        var changes: [NetworkChange] = [.changeLink(.index(index), change)]
        if ipv4?.proxyDelayIsZero == true {
            changes.insert(.changeNeighbours(NeighbourOptions(.v4, linkIndex: index, proxyDelay: 0)), at: 0)
        }
        try side.apply(changes)
    }

    /// What of this is not known to be set.
    private func lacking(_ known: LinkRequirement) -> LinkRequirement {
        LinkRequirement(
            scope: scope, name: name, isUp: isUp == known.isUp ? nil : isUp, alias: alias == known.alias ? nil : alias,
            makesLinkLocalAddress: makesLinkLocalAddress == known.makesLinkLocalAddress ? nil : makesLinkLocalAddress,
            ipv4: ipv4 == known.ipv4 ? nil : ipv4)
    }

    private var isEmpty: Bool { isUp == nil && alias == nil && makesLinkLocalAddress == nil && ipv4 == nil }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        guard let side = snapshot.side(scope), let link = try side.link(name) else { return [.missing] }
        var differences = [
            Difference("state", expected: isUp == true ? "up" : nil, found: link.isUp ? "up" : "down"),
            Difference("alias", expected: alias, found: link.alias),
        ].compactMap(\.self)
        if makesLinkLocalAddress == false, link.addressGeneration != AddressGeneration.none {
            differences.append(Difference(expected: "no address generation", found: "address generation"))
        }
        if let ipv4 { differences += try ipv4.check(link, in: side) }
        return differences
    }

    /// Nothing comes or goes by the host's end any more, and whoever finds it there knows that it is left over, until
    /// the kernel has taken it away. A link that somebody else has under this name is not ours to touch.
    func undo(in ground: Ground) throws {
        guard scope == .host, let alias, let link = try ground.host.link(named: name), link.alias == alias else {
            return
        }
        let change = LinkChange(isUp: false, alias: Self.releasedAlias)
        try ground.host.remove(.changeLink(.index(link.index), change))
    }

    static let releasedAlias = "tasknet released"
}
