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

extension RouteConnection {
    /// How long answers for others wait at most on each link, in milliseconds, by the links' indexes.
    package func proxyDelays(_ family: IPFamily) throws(NetlinkError) -> [Int32: UInt64] {
        let delays = try list(answer: RTM_NEWNEIGHTBL, "neighbour tables") { () throws(Refusal) in
            var header = ndtmsg()
            header.ndtm_family = UInt8(family.constant)
            return try NetlinkMessage(type: RTM_GETNEIGHTBL, header: header)
        } parse: { header throws(Refusal) in
            Self.proxyDelay(header)
        }
        return Dictionary(delays) { $1 }
    }

    /// nil for a table's own settings, which are no link's.
    private static func proxyDelay(_ header: UnsafeMutablePointer<nlmsghdr>) -> (Int32, UInt64)? {
        guard let settings = nlmsg_find_attr(header, CInt(MemoryLayout<ndtmsg>.size), CInt(NDTA_PARMS)),
            let data = nla_data(settings)?.assumingMemoryBound(to: nlattr.self)
        else { return nil }
        let size = nla_len(settings)
        guard let index = nla_find(data, size, CInt(NDTPA_IFINDEX)), nla_len(index) >= 4,
            let delay = nla_find(data, size, CInt(NDTPA_PROXY_DELAY)), nla_len(delay) >= 8
        else { return nil }
        return (Int32(bitPattern: nla_get_u32(index)), nla_get_u64(delay))
    }
}
