// SPDX-License-Identifier: Apache-2.0
package import Addressing
import CNetlink
import SystemPackage

/// How neighbours are found on a link: what is in `net.<family>.neigh.<link>`. What is nil stays.
package struct NeighbourOptions: Hashable, Sendable, CustomStringConvertible {
    package var family: IPFamily
    package var linkIndex: Int32
    /// How long an answer for somebody else waits at most, in milliseconds. The corresponding C constant is
    /// `NDTPA_PROXY_DELAY`.
    package var proxyDelay: UInt64?

    package init(_ family: IPFamily, linkIndex: Int32, proxyDelay: UInt64? = nil) {
        self.family = family
        self.linkIndex = linkIndex
        self.proxyDelay = proxyDelay
    }

    package var description: String { "\(family) neighbours dev \(linkIndex)" }

    func message() throws(Refusal) -> NetlinkMessage {
        guard let table = rtnl_neightbl_alloc(), let new = rtnl_neightbl_alloc() else { throw Refusal(.noMemory) }
        defer {
            rtnl_neightbl_put(table)
            rtnl_neightbl_put(new)
        }
        rtnl_neightbl_set_family(table, family.constant)
        rtnl_neightbl_set_name(table, family == .v4 ? "arp_cache" : "ndisc_cache")
        rtnl_neightbl_set_dev(table, linkIndex)
        if let proxyDelay { rtnl_neightbl_set_proxy_delay(new, proxyDelay) }
        return try NetlinkMessage { rtnl_neightbl_build_change_request(table, new, &$0) }
    }
}
