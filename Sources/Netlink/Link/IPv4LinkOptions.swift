// SPDX-License-Identifier: Apache-2.0
import CNetlink

/// How IPv4 behaves on a link: what is in `net.ipv4.conf.<link>`, for a fifth of a write's price, and in the same
/// request for all of them. What is nil stays. The corresponding C constants are `IPV4_DEVCONF_*`.
package struct IPv4LinkOptions: Hashable, Sendable {
    /// `forwarding`: what comes in here may leave elsewhere.
    package var forwards: Bool?
    /// `rp_filter`: whether what comes in is dropped when its source is reached another way.
    package var reversePathFilter: ReversePathFilter?
    /// `proxy_arp`: ARP is answered for all that is routed elsewhere.
    package var proxiesARP: Bool?

    package init(forwards: Bool? = nil, reversePathFilter: ReversePathFilter? = nil, proxiesARP: Bool? = nil) {
        self.forwards = forwards
        self.reversePathFilter = reversePathFilter
        self.proxiesARP = proxiesARP
    }

    /// RFC 3704
    package enum ReversePathFilter: UInt32, Hashable, Sendable {
        case off = 0
        /// The way back has to be this link.
        case strict = 1
        /// There has to be a way back.
        case loose = 2
    }

    /// As a link has them; nil for one without IPv4.
    init?(_ link: OpaquePointer) {
        func value(_ option: Int) -> UInt32? {
            var value: UInt32 = 0
            return rtnl_link_inet_get_conf(link, UInt32(option), &value) == 0 ? value : nil
        }
        guard let forwarding = value(IPV4_DEVCONF_FORWARDING) else { return nil }
        forwards = forwarding != 0
        reversePathFilter = value(IPV4_DEVCONF_RP_FILTER).flatMap(ReversePathFilter.init)
        proxiesARP = value(IPV4_DEVCONF_PROXY_ARP).map { $0 != 0 }
    }

    func set(on link: OpaquePointer) throws(Refusal) {
        func set(_ option: Int, _ value: UInt32?) throws(Refusal) {
            guard let value else { return }
            try Refusal.check(rtnl_link_inet_set_conf(link, UInt32(option), value))
        }
        try set(IPV4_DEVCONF_FORWARDING, forwards.map { $0 ? 1 : 0 })
        try set(IPV4_DEVCONF_RP_FILTER, reversePathFilter?.rawValue)
        try set(IPV4_DEVCONF_PROXY_ARP, proxiesARP.map { $0 ? 1 : 0 })
    }
}
