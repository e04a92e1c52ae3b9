// SPDX-License-Identifier: Apache-2.0
package import Addressing
import Netlink

/// A routing table has a route.
package struct RouteRequirement: Hashable, Sendable, Codable {
    package enum RouteType: String, Hashable, Sendable, Codable {
        case unicast, unreachable, blackhole
    }

    package let scope: RequirementScope
    package let type: RouteType
    package let destination: CIDRBlock
    package let gateway: IPAddress?
    package let link: InterfaceName?
    /// The address that the host itself sends from. The corresponding C constant is `RTA_PREFSRC`.
    package let source: IPAddress?
    /// Nil for the main table.
    package let table: UInt32?
    /// Who made it, as the kernel remembers: nil is tasknet. The corresponding C constants are `RTPROT_*`.
    package let originator: UInt8?

    package init(
        scope: RequirementScope, type: RouteType = .unicast, to destination: CIDRBlock, via gateway: IPAddress? = nil,
        link: InterfaceName? = nil, source: IPAddress? = nil, table: UInt32? = nil, originator: UInt8? = nil
    ) {
        self.scope = scope
        self.type = type
        self.destination = destination
        self.gateway = gateway
        self.link = link
        self.source = source
        self.table = table
        self.originator = originator
    }
}

extension RouteRequirement: RequirementKind {
    var label: String {
        var text = destination.prefixLength == 0 ? "default route" : "route \(destination)"
        if scope == .host && type == .unicast { text = "host " + text }
        if type != .unicast { text = type.rawValue + " " + text }
        if let gateway { text += " via \(gateway)" }
        if let link { text += " on \(link)" }
        if let table { text += " in table \(table)" }
        return text
    }

    var goesWithHostEnd: InterfaceName? { scope == .host ? link : nil }

    func apply(in ground: Ground) throws -> ApplyOutcome {
        let side = try ground.side(scope)
        let route = wanted(linkIndex: try link.map(side.index))
        // Beside a route with another metric the kernel would accept it, and prefer it: the host would lose a network
        // of its own. Read for subnets only, of which there are few.
        if scope == .host, type == .unreachable { try refuse(othersAmong: routesToDestination(on: side)) }
        let outcome = try side.add(.addRoute(route))
        if outcome == .found { try replace(by: route, on: side, isSandbox: ground.isSandbox) }
        return outcome
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        guard let side = snapshot.side(scope) else { return [.missing] }
        let index = try link.map { try side.link($0)?.index ?? 0 }
        let there = try side.routes(to: destination, table: routingTable)
        let route = wanted(linkIndex: index)
        if there.contains(where: { isMet(by: $0, route) }) { return [] }
        guard let other = there.first else { return [.missing] }
        return [Difference(expected: "\(route)", found: "\(other)")]
    }

    func undo(in ground: Ground) throws {
        guard let side = try ground.sideIfThere(scope) else { return }
        var index: Int32?
        if let link {
            // A route goes with its link.
            guard let found = try side.indexIfThere(link) else { return }
            index = found
        }
        try side.remove(.removeRoute(wanted(linkIndex: index)))
    }
}

extension RouteRequirement {
    private var routingTable: Table { table.map(Table.init) ?? .main }

    private func wanted(linkIndex: Int32?) -> Route {
        let kind: Route.Kind =
            switch type {
            case .unicast: .unicast
            case .unreachable: .unreachable
            case .blackhole: .blackhole
            }
        return Route(
            destination, kind: kind, gateway: gateway, linkIndex: linkIndex, table: routingTable,
            routeProtocol: originator.map(RouteProtocol.init) ?? .tasknet, preferredSource: source)
    }

    private func isMet(by found: Route, _ route: Route) -> Bool {
        // The kernel puts IPv6 routes to nowhere on lo.
        let sameLink = type != .unicast || found.linkIndex == route.linkIndex
        return found.kind == route.kind && found.gateway == route.gateway && sameLink
            && (source == nil || found.preferredSource == source)
    }

    /// There is a route to the same destination. One of ours is put right; in the task's namespace all are ours.
    /// Somebody else's on the host or in a sandbox stays: it is how something is reached from there.
    private func replace(by route: Route, on side: Side, isSandbox: Bool) throws {
        // The whole table is long where there are many tasks, and mostly what is there is as it should be.
        let isHost = destination.prefixLength == destination.family.addressBits
        if isHost, table == nil, let entry = try? side.connection.route(to: destination.network, asEntry: true),
            entry.destination == destination, isMet(by: entry, route)
        {
            return
        }
        let there = try routesToDestination(on: side)
        if there.contains(where: { isMet(by: $0, route) }) { return }
        if scope == .host || isSandbox { try refuse(othersAmong: there) }
        // IPv6 keeps several routes to one destination: replacing would only touch the first.
        for other in there { try side.remove(.removeRoute(other)) }
        try side.apply([.addRoute(route)])
    }

    private func routesToDestination(on side: Side) throws(NetlinkError) -> [Route] {
        try side.connection.routes(RouteFilter(family: destination.family, table: routingTable))
            .filter { $0.destination == destination }
    }

    private func refuse(othersAmong routes: [Route]) throws {
        if let other = routes.first(where: { $0.routeProtocol != .tasknet }) {
            throw ConflictError(
                """
                the \(scope == .host ? "host" : "sandbox") has another route to \(destination), which is not \
                tasknet's: \(other): remove it with ip route del, or use other addresses for tasks
                """)
        }
    }
}

extension RouteProtocol {
    /// What marks a route as ours.
    static let tasknet = RouteProtocol(rawValue: 84)
}
