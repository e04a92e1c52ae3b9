// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// A route with one next hop or none. Of one with several it is the first, and the others' links are known.
package struct Route: Hashable, Sendable, CustomStringConvertible {
    /// Prefix length 0 is the default route.
    package var destination: CIDRBlock
    package var kind: Kind
    package var gateway: IPAddress?
    package var linkIndex: Int32?
    /// By which it goes as well: only read, never added.
    package var furtherLinkIndexes: [Int32] = []
    package var table: Table
    package var routeProtocol: RouteProtocol
    /// nil: as ip(8) has it, host for a local route, link for one without a gateway, otherwise everywhere.
    package var scope: Scope?
    /// What our own packets that go this way have as their source.
    package var preferredSource: IPAddress?
    /// Of two routes the lower one is taken ("metric"). nil is the kernel's choice: 0 for IPv4, 1024 for IPv6.
    package var priority: UInt32?
    /// The gateway is on the link though no prefix there says so.
    package var isOnLink: Bool

    package init(
        _ destination: CIDRBlock, kind: Kind = .unicast, gateway: IPAddress? = nil, linkIndex: Int32? = nil,
        table: Table = .main, routeProtocol: RouteProtocol = .static, scope: Scope? = nil,
        preferredSource: IPAddress? = nil, priority: UInt32? = nil, isOnLink: Bool = false
    ) {
        self.destination = destination
        self.kind = kind
        self.gateway = gateway
        self.linkIndex = linkIndex
        self.table = table
        self.routeProtocol = routeProtocol
        self.scope = scope
        self.preferredSource = preferredSource
        self.priority = priority
        self.isOnLink = isOnLink
    }

    /// As ip(8) writes it.
    package var description: String {
        var words: [String] = kind == .unicast ? [] : [kind.description]
        words.append(destination.prefixLength == 0 ? "default" : "\(destination)")
        if let gateway { words.append("via \(gateway)") }
        if let linkIndex { words.append("dev \(linkIndex)") }
        if table != .main { words.append("table \(table.rawValue)") }
        if let preferredSource { words.append("src \(preferredSource)") }
        if let priority { words.append("metric \(priority)") }
        return words.joined(separator: " ")
    }

    /// What becomes of a packet. The corresponding C constants are `RTN_*`.
    package enum Kind: Hashable, Sendable, CaseIterable, CustomStringConvertible {
        case unicast
        /// To this host.
        case local
        case broadcast
        case anycast
        case multicast
        /// Dropped without a word.
        case blackhole
        /// Dropped; the sender is told (`EHOSTUNREACH`).
        case unreachable
        /// Dropped; the sender is told that it is not allowed (`EACCES`).
        case prohibit
        /// On with the next rule.
        case `throw`

        package var description: String {
            switch self {
            case .unicast: "unicast"
            case .local: "local"
            case .broadcast: "broadcast"
            case .anycast: "anycast"
            case .multicast: "multicast"
            case .blackhole: "blackhole"
            case .unreachable: "unreachable"
            case .prohibit: "prohibit"
            case .throw: "throw"
            }
        }
    }
}

/// A routing table. The corresponding C type is `enum rt_class_t`, of which only the first 256 have names.
package struct Table: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }
}

/// Who made a route or a rule. The corresponding C constants are `RTPROT_*`.
package struct RouteProtocol: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }
}

/// Which routes to list; what is nil is not asked for.
package struct RouteFilter: Hashable, Sendable {
    package var family: IPFamily?
    package var table: Table?
    package var routeProtocol: RouteProtocol?
    package var kind: Route.Kind?
    package var linkIndex: Int32?

    package init(
        family: IPFamily? = nil, table: Table? = nil, routeProtocol: RouteProtocol? = nil, kind: Route.Kind? = nil,
        linkIndex: Int32? = nil
    ) {
        self.family = family
        self.table = table
        self.routeProtocol = routeProtocol
        self.kind = kind
        self.linkIndex = linkIndex
    }
}
