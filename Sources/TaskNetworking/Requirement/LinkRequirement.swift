// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// A link that is there is up, and set as said. What is nil is left as it is.
package struct LinkRequirement: Hashable, Sendable, Codable {
    package let scope: RequirementScope
    package let name: InterfaceName
    package let macAddress: MACAddress?
    package let mtu: Int?
    package let alias: String?
    /// Whether the kernel makes it a link-local address. The corresponding C constant is `IFLA_INET6_ADDR_GEN_MODE`.
    package let makesLinkLocalAddress: Bool?
    package let ipv4: IPv4LinkSettings?

    package init(
        scope: RequirementScope, name: InterfaceName, macAddress: MACAddress? = nil, mtu: Int? = nil,
        alias: String? = nil, makesLinkLocalAddress: Bool? = nil, ipv4: IPv4LinkSettings? = nil
    ) {
        self.scope = scope
        self.name = name
        self.macAddress = macAddress
        self.mtu = mtu
        self.alias = alias
        self.makesLinkLocalAddress = makesLinkLocalAddress
        self.ipv4 = ipv4
    }
}

/// How IPv4 behaves on one link: what is in `net.ipv4.conf.<link>`, set by netlink. What is nil is left as it is.
package struct IPv4LinkSettings: Hashable, Sendable, Codable {
    package enum ReversePathFilter: Int, Hashable, Sendable, Codable {
        case off = 0
        case strict = 1
        case loose = 2
    }

    /// `forwarding`: what comes in here may leave elsewhere.
    package let forwards: Bool?
    /// `rp_filter`: what claims to come from an address that is not reached this way is dropped.
    package let reversePathFilter: ReversePathFilter?
    /// `proxy_arp`: answers for all addresses that are routed elsewhere.
    package let answersForOthers: Bool?
    /// `net.ipv4.neigh.<link>.proxy_delay` is 0: answers for others come at once.
    package let proxyDelayIsZero: Bool

    package init(
        forwards: Bool? = nil, reversePathFilter: ReversePathFilter? = nil, answersForOthers: Bool? = nil,
        proxyDelayIsZero: Bool = false
    ) {
        self.forwards = forwards
        self.reversePathFilter = reversePathFilter
        self.answersForOthers = answersForOthers
        self.proxyDelayIsZero = proxyDelayIsZero
    }
}

extension LinkRequirement: RequirementKind {
    var label: String {
        if name == .loopback { return "lo up" }
        return scope == .host ? "host end \(name)" : "settings of \(name)"
    }
}
