// SPDX-License-Identifier: Apache-2.0
package import Addressing
import CNetlink
import Glibc
import SystemPackage

extension Address.Flags {
    /// No duplicate address detection: an IPv6 address can be used at once. The corresponding C constant is `IFA_F_NODAD`.
    package static let noDAD = Self(rawValue: UInt32(IFA_F_NODAD))
    /// No route to the prefix is made with it. The corresponding C constant is `IFA_F_NOPREFIXROUTE`.
    package static let noPrefixRoute = Self(rawValue: UInt32(IFA_F_NOPREFIXROUTE))
    /// Not made by the kernel from a router's advertisement. The corresponding C constant is `IFA_F_PERMANENT`.
    package static let permanent = Self(rawValue: UInt32(IFA_F_PERMANENT))
    /// Duplicate address detection goes on. The corresponding C constant is `IFA_F_TENTATIVE`.
    package static let tentative = Self(rawValue: UInt32(IFA_F_TENTATIVE))
    /// Somebody else has it. The corresponding C constant is `IFA_F_DADFAILED`.
    package static let duplicate = Self(rawValue: UInt32(IFA_F_DADFAILED))
    /// IPv4: one of the same prefix was there before. The corresponding C constant is `IFA_F_SECONDARY`.
    package static let secondary = Self(rawValue: UInt32(IFA_F_SECONDARY))
}

extension Scope {
    /// Everywhere. The corresponding C constant is `RT_SCOPE_UNIVERSE`.
    package static let universe = Self(RT_SCOPE_UNIVERSE)
    /// The corresponding C constant is `RT_SCOPE_SITE`.
    package static let site = Self(RT_SCOPE_SITE)
    /// What is connected to the link. The corresponding C constant is `RT_SCOPE_LINK`.
    package static let link = Self(RT_SCOPE_LINK)
    /// This host alone. The corresponding C constant is `RT_SCOPE_HOST`.
    package static let host = Self(RT_SCOPE_HOST)

    private init(_ constant: rt_scope_t) {
        self.init(rawValue: UInt8(constant.rawValue))
    }
}

extension Address {
    func addition(replacing: Bool) throws(Refusal) -> NetlinkMessage {
        let flags = NLM_F_CREATE | (replacing ? NLM_F_REPLACE : NLM_F_EXCL)
        let message = try message { rtnl_addr_build_add_request($0, flags, &$1) }
        // Not known to libnl-route, as when it is read.
        if let prefixRoutePriority { try message.put(IFA_RT_PRIORITY, prefixRoutePriority) }
        return message
    }

    func removal() throws(Refusal) -> NetlinkMessage {
        try message { rtnl_addr_build_delete_request($0, 0, &$1) }
    }

    private func message(_ build: (OpaquePointer, inout OpaquePointer?) -> CInt) throws(Refusal) -> NetlinkMessage {
        guard let raw = rtnl_addr_alloc() else { throw Refusal(.noMemory) }
        defer { rtnl_addr_put(raw) }
        rtnl_addr_set_ifindex(raw, linkIndex)
        try Refusal.check(
            address.address.withLibnl(prefixLength: address.prefixLength) { rtnl_addr_set_local(raw, $0) })
        if let peer {
            try Refusal.check(peer.withLibnl(prefixLength: address.prefixLength) { rtnl_addr_set_peer(raw, $0) })
        }
        rtnl_addr_set_scope(raw, CInt((scope ?? (address.address.isLoopback ? .host : .universe)).rawValue))
        if !flags.isEmpty { rtnl_addr_set_flags(raw, flags.rawValue) }
        if let label { try Refusal.check(rtnl_addr_set_label(raw, label)) }
        if let broadcast { try Refusal.check(IPAddress.v4(broadcast).withLibnl { rtnl_addr_set_broadcast(raw, $0) }) }
        return try NetlinkMessage { build(raw, &$0) }
    }

    /// Reads an address from an `RTM_NEWADDR`; nil for families that are not IP.
    init?(_ header: UnsafeMutablePointer<nlmsghdr>) throws(Refusal) {
        let raw = try parsedObject(header)
        defer { nl_object_put(raw) }
        guard let local = IPAddress(libnl: rtnl_addr_get_local(raw)),
            let address = InterfaceAddress(address: local, prefixLength: Int(rtnl_addr_get_prefixlen(raw)))
        else { return nil }
        self.init(
            address, linkIndex: rtnl_addr_get_ifindex(raw), peer: IPAddress(libnl: rtnl_addr_get_peer(raw)),
            scope: Scope(rawValue: UInt8(truncatingIfNeeded: rtnl_addr_get_scope(raw))),
            flags: Flags(rawValue: rtnl_addr_get_flags(raw)),
            label: rtnl_addr_get_label(raw).map { String(cString: $0) },
            broadcast: IPAddress(libnl: rtnl_addr_get_broadcast(raw))?.v4,
            prefixRoutePriority: Self.prefixRoutePriority(header))
    }

    private static func prefixRoutePriority(_ header: UnsafeMutablePointer<nlmsghdr>) -> UInt32? {
        nlmsg_find_attr(header, CInt(MemoryLayout<ifaddrmsg>.size), CInt(IFA_RT_PRIORITY)).map { nla_get_u32($0) }
    }
}

extension RouteConnection {
    /// The addresses, of one family and on one link where that is asked for.
    ///
    /// - Throws: `isNotFound` when there is no such link.
    package func addresses(_ family: IPFamily? = nil, linkIndex: Int32? = nil) throws(NetlinkError) -> [Address] {
        try list(answer: RTM_NEWADDR, "addresses") { () throws(Refusal) in
            var header = ifaddrmsg()
            header.ifa_family = UInt8(family?.constant ?? AF_UNSPEC)
            header.ifa_index = UInt32(bitPattern: linkIndex ?? 0)
            return try NetlinkMessage(type: RTM_GETADDR, header: header)
        } parse: { header throws(Refusal) in
            try Address(header)
        }
    }
}
