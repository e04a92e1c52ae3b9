// SPDX-License-Identifier: Apache-2.0
package import Addressing
import CNetlink
import Glibc
import SystemPackage

extension Neighbour.State {
    /// Asked, no answer yet. The corresponding C constant is `NUD_INCOMPLETE`.
    package static let incomplete = Self(rawValue: UInt16(NUD_INCOMPLETE))
    /// The corresponding C constant is `NUD_REACHABLE`.
    package static let reachable = Self(rawValue: UInt16(NUD_REACHABLE))
    /// The corresponding C constant is `NUD_STALE`.
    package static let stale = Self(rawValue: UInt16(NUD_STALE))
    /// The corresponding C constant is `NUD_FAILED`.
    package static let failed = Self(rawValue: UInt16(NUD_FAILED))
    /// Needs no asking: of a link without addresses. The corresponding C constant is `NUD_NOARP`.
    package static let noARP = Self(rawValue: UInt16(NUD_NOARP))
    /// Stays as it is. The corresponding C constant is `NUD_PERMANENT`.
    package static let permanent = Self(rawValue: UInt16(NUD_PERMANENT))
}

extension Neighbour {
    func addition(replacing: Bool) throws(Refusal) -> NetlinkMessage {
        let flags = NLM_F_CREATE | (replacing ? NLM_F_REPLACE : NLM_F_EXCL)
        return try message { rtnl_neigh_build_add_request($0, flags, &$1) }
    }

    func removal() throws(Refusal) -> NetlinkMessage {
        try message { rtnl_neigh_build_delete_request($0, 0, &$1) }
    }

    private func message(_ build: (OpaquePointer, inout OpaquePointer?) -> CInt) throws(Refusal) -> NetlinkMessage {
        guard let raw = rtnl_neigh_alloc() else { throw Refusal(.noMemory) }
        defer { rtnl_neigh_put(raw) }
        rtnl_neigh_set_ifindex(raw, linkIndex)
        try Refusal.check(address.withLibnl { rtnl_neigh_set_dst(raw, $0) })
        if let macAddress { macAddress.withLibnl { rtnl_neigh_set_lladdr(raw, $0) } }
        rtnl_neigh_set_state(raw, CInt(state.rawValue))
        if isProxy { rtnl_neigh_set_flags(raw, UInt32(NTF_PROXY)) }
        return try NetlinkMessage { build(raw, &$0) }
    }

    /// Reads an entry from an `RTM_NEWNEIGH`; nil for families that are not IP (a bridge's table).
    init?(_ header: UnsafeMutablePointer<nlmsghdr>) throws(Refusal) {
        let raw = try parsedObject(header)
        defer { nl_object_put(raw) }
        guard let address = IPAddress(libnl: rtnl_neigh_get_dst(raw)) else { return nil }
        let state = rtnl_neigh_get_state(raw)
        self.init(
            address, linkIndex: rtnl_neigh_get_ifindex(raw), macAddress: MACAddress(libnl: rtnl_neigh_get_lladdr(raw)),
            state: State(rawValue: UInt16(truncatingIfNeeded: max(0, state))),
            isProxy: rtnl_neigh_get_flags(raw) & UInt32(NTF_PROXY) != 0)
    }
}

extension RouteConnection {
    /// The neighbours, of one family and on one link where that is asked for.
    package func neighbours(_ family: IPFamily? = nil, linkIndex: Int32? = nil) throws(NetlinkError) -> [Neighbour] {
        try neighbours(family, linkIndex, flags: 0, "neighbours")
    }

    /// Who has an address on a link, as far as that is known; nil when nobody has asked for it.
    package func neighbour(_ address: IPAddress, linkIndex: Int32) throws(NetlinkError) -> Neighbour? {
        do throws(NetlinkError) {
            return try get(answer: RTM_NEWNEIGH, "neighbour \(address) dev \(linkIndex)") { () throws(Refusal) in
                var header = ndmsg()
                header.ndm_family = UInt8(address.family.constant)
                header.ndm_ifindex = linkIndex
                let request = try NetlinkMessage(type: RTM_GETNEIGH, header: header)
                try request.put(NDA_DST, address)
                return request
            } parse: { header throws(Refusal) in
                guard let neighbour = try Neighbour(header) else { throw Refusal(.badMessage) }
                return neighbour
            }
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return nil
        }
    }

    /// The addresses that this host answers for.
    package func proxyNeighbours(_ family: IPFamily? = nil, linkIndex: Int32? = nil) throws(NetlinkError) -> [Neighbour]
    {
        try neighbours(family, linkIndex, flags: UInt8(NTF_PROXY), "proxy neighbours")
    }

    private func neighbours(
        _ family: IPFamily?, _ linkIndex: Int32?, flags: UInt8, _ object: String
    ) throws(NetlinkError) -> [Neighbour] {
        try list(answer: RTM_NEWNEIGH, object) { () throws(Refusal) in
            var header = ndmsg()
            header.ndm_family = UInt8(family?.constant ?? AF_UNSPEC)
            header.ndm_flags = flags
            let request = try NetlinkMessage(type: RTM_GETNEIGH, header: header)
            // For proxy entries the kernel takes no filter.
            if flags == 0, let linkIndex { try request.put(NDA_IFINDEX, UInt32(bitPattern: linkIndex)) }
            return request
        } parse: { header throws(Refusal) in
            guard let neighbour = try Neighbour(header), (linkIndex ?? neighbour.linkIndex) == neighbour.linkIndex
            else {
                return nil
            }
            return neighbour
        }
    }
}
