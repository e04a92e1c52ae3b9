// SPDX-License-Identifier: Apache-2.0
package import Addressing

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

    package init(
        scope: RequirementScope, type: RouteType = .unicast, to destination: CIDRBlock, via gateway: IPAddress? = nil,
        link: InterfaceName? = nil, source: IPAddress? = nil, table: UInt32? = nil
    ) {
        self.scope = scope
        self.type = type
        self.destination = destination
        self.gateway = gateway
        self.link = link
        self.source = source
        self.table = table
    }
}

extension RouteRequirement: RequirementKind {
    var label: String {
        var text = "route \(destination)"
        if destination.prefixLength == 0 { text = "default route" }
        if scope == .host && type == .unicast { text = "host " + text }
        if type != .unicast { text = type.rawValue + " " + text }
        if let gateway { text += " via \(gateway)" }
        if let link { text += " on \(link)" }
        if let table { text += " in table \(table)" }
        return text
    }
}
