// SPDX-License-Identifier: Apache-2.0
import Addressing
import Netlink

/// Nothing is reached over a link in the task's namespace directly: the routes that the kernel makes for its addresses'
/// prefixes are gone from the main table, and what is left goes by a gateway.
package struct NoConnectedRoutesRequirement: Hashable, Sendable, Codable {
    package let link: InterfaceName

    package init(link: InterfaceName) { self.link = link }
}

extension NoConnectedRoutesRequirement: RequirementKind {
    var label: String { "no connected routes on \(link)" }
    var scope: RequirementScope { .task }

    func apply(in ground: Ground) throws -> ApplyOutcome {
        let task = try ground.task()
        let routes = try task.connection.routes(RouteFilter(table: .main, linkIndex: try task.index(of: link)))
        for route in routes where route.gateway == nil { try task.remove(.removeRoute(route)) }
        return .found
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        guard let side = snapshot.side(scope), let index = try side.link(link)?.index else { return [.missing] }
        // The kernel brings the one to fe80::/64 back each time the link has been down.
        return try side.routes(on: index, table: .main)
            .filter { $0.gateway == nil && !($0.destination.family == .v6 && $0.destination.network.isLinkLocal) }
            .map { Difference(expected: "no route \($0.destination)", found: "\($0)") }
    }

    /// The routes belong to addresses, and go with them.
    func undo(in ground: Ground) {}
}
