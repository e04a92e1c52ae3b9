// SPDX-License-Identifier: Apache-2.0
package import Addressing
import Netlink

/// A link has an address. IPv6 addresses are taken as they are, without duplicate address detection: whoever hands out
/// ENIs sees to it that there is one of each, and the detection takes a second.
package struct AddressRequirement: Hashable, Sendable, Codable {
    package let scope: RequirementScope
    package let link: InterfaceName
    package let address: InterfaceAddress
    /// Whether the route to its prefix, which the kernel makes with it, has to be there, too. Nil does not look.
    package let needsConnectedRoute: Bool?
    /// Of that route. Nil is 0 for IPv4, before all others: with two interfaces in one subnet it says which of them leads
    /// there, and not which came last.
    package let routePriority: UInt32?

    package init(
        scope: RequirementScope, link: InterfaceName, address: InterfaceAddress, needsConnectedRoute: Bool? = nil,
        routePriority: UInt32? = nil
    ) {
        self.scope = scope
        self.link = link
        self.address = address
        self.needsConnectedRoute = needsConnectedRoute
        self.routePriority = routePriority
    }
}

extension AddressRequirement: RequirementKind {
    var label: String { "address \(address) on \(link)" }

    func apply(in ground: Ground) throws -> ApplyOutcome {
        let side = try ground.side(scope)
        let flags = address.family == .v6 ? Address.Flags.noDAD : Address.Flags()
        let index = try side.index(of: link)
        let addition = Address(address, linkIndex: index, flags: flags, prefixRoutePriority: routePriority)
        let outcome = try side.add(.addAddress(addition))
        // Somebody may have taken the route away and left the address. Gateways are looked for by it.
        if outcome == .found, let connected {
            let route = Route(
                connected, linkIndex: index, routeProtocol: .kernel, preferredSource: address.address,
                priority: routePriority)
            _ = try side.add(.addRoute(route))
        }
        return outcome
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        guard let side = snapshot.side(scope), let index = try side.link(link)?.index,
            let found = try side.address(address, on: index)
        else { return [.missing] }
        let isUnusable = found.flags.contains(.duplicate)
        if isUnusable { return [Difference(expected: "usable", found: "a duplicate, by the kernel's detection")] }
        // A link that is down has none, which is said of the link.
        guard let connected, try side.link(link)?.isUp == true else { return [] }
        let isThere = try side.routes(to: connected, table: .main).contains { $0.linkIndex == index }
        return isThere ? [] : [Difference(expected: "a route to \(connected)", found: "no such route")]
    }

    func undo(in ground: Ground) throws {
        guard let side = try ground.sideIfThere(scope), let index = try side.indexIfThere(link) else { return }
        try side.remove(.removeAddress(Address(address, linkIndex: index)))
    }

    /// The prefix, where there has to be a route to it.
    private var connected: CIDRBlock? { needsConnectedRoute == true ? address.network : nil }
}
