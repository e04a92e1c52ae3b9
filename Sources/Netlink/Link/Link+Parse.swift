// SPDX-License-Identifier: Apache-2.0
import Addressing
import CNetlink
import Glibc

extension Link {
    /// Reads a link from an `RTM_NEWLINK` or `RTM_DELLINK`; nil for what other families say about it (a bridge about its
    /// ports, for one).
    init?(_ header: UnsafeMutablePointer<nlmsghdr>) throws(Refusal) {
        let raw = try parsedObject(header)
        defer { nl_object_put(raw) }
        // Not libnl's idea of the family, which is AF_BRIDGE for every bridge.
        guard Self.family(header) == AF_UNSPEC else { return nil }
        index = rtnl_link_get_ifindex(raw)
        name = rtnl_link_get_name(raw).map { String(cString: $0) } ?? ""
        macAddress = MACAddress(libnl: rtnl_link_get_addr(raw))
        permanentMACAddress = Self.permanentMACAddress(header)
        mtu = Int(rtnl_link_get_mtu(raw))
        alias = rtnl_link_get_ifalias(raw).map { String(cString: $0) }
        flags = LinkFlags(rawValue: rtnl_link_get_flags(raw))
        operationalState = OperationalState(constant: rtnl_link_get_operstate(raw))
        group = rtnl_link_get_group(raw)
        master = Self.index(rtnl_link_get_master(raw))
        parent = Self.index(rtnl_link_get_link(raw))
        var namespaceID: Int32 = -1
        parentNamespaceID = rtnl_link_get_link_netnsid(raw, &namespaceID) == 0 ? namespaceID : nil
        var mode: UInt8 = 0
        addressGeneration =
            rtnl_link_inet6_get_addr_gen_mode(raw, &mode) == 0 ? AddressGeneration(constant: mode) : nil
        ipv4 = IPv4LinkOptions(raw)
        kind = Self.kind(raw, header)
        runsSpanningTree = kind == .bridge && Self.spanningTreeState(header) != 0
    }

    private static func family(_ header: UnsafeMutablePointer<nlmsghdr>) -> CInt? {
        nlmsg_data(header).map { CInt($0.loadUnaligned(as: ifinfomsg.self).ifi_family) }
    }

    private static func index(_ raw: CInt) -> Int32? { raw > 0 ? raw : nil }

    private static func permanentMACAddress(_ header: UnsafeMutablePointer<nlmsghdr>) -> MACAddress? {
        guard
            let attribute = nlmsg_find_attr(header, CInt(MemoryLayout<ifinfomsg>.size), CInt(IFLA_PERM_ADDRESS)),
            let data = nla_data(attribute)
        else { return nil }
        return MACAddress(bytes: UnsafeRawBufferPointer(start: data, count: Int(nla_len(attribute))))
    }

    /// Of a bridge; libnl does not read it. The corresponding C constant is `IFLA_BR_STP_STATE`.
    private static func spanningTreeState(_ header: UnsafeMutablePointer<nlmsghdr>) -> UInt32 {
        guard
            let information = nlmsg_find_attr(header, CInt(MemoryLayout<ifinfomsg>.size), CInt(IFLA_LINKINFO)),
            let data = nested(information, CInt(IFLA_INFO_DATA)),
            let state = nested(data, CInt(IFLA_BR_STP_STATE))
        else { return 0 }
        return nla_get_u32(state)
    }

    private static func kind(_ raw: OpaquePointer, _ header: UnsafeMutablePointer<nlmsghdr>) -> Kind? {
        guard let name = rtnl_link_get_type(raw).map({ String(cString: $0) }) else { return nil }
        switch name {
        case "veth": return .veth
        case "dummy": return .dummy
        case "bridge": return .bridge
        case "vlan": return .vlan(id: UInt16(truncatingIfNeeded: rtnl_link_vlan_get_id(raw)))
        case "macvlan": return .macvlan(mode: LinkKind.MacvlanMode(constant: rtnl_link_macvlan_get_mode(raw)))
        case "macvtap": return .macvtap(mode: LinkKind.MacvlanMode(constant: rtnl_link_macvtap_get_mode(raw)))
        case "ipvlan":
            var mode: UInt16 = 0
            let isKnown = rtnl_link_ipvlan_get_mode(raw, &mode) == 0
            return .ipvlan(mode: isKnown ? LinkKind.IPVLANMode(constant: mode) : nil)
        case "vxlan":
            var id: UInt32 = 0
            return rtnl_link_vxlan_get_id(raw, &id) == 0 ? .vxlan(id: id) : .other(name)
        case "tun": return tun(header).map(Kind.tun) ?? .other(name)
        default: return .other(name)
        }
    }

    /// What libnl does not read.
    private static func tun(_ header: UnsafeMutablePointer<nlmsghdr>) -> Tun? {
        guard let info = nlmsg_find_attr(header, CInt(MemoryLayout<ifinfomsg>.size), CInt(IFLA_LINKINFO)),
            let data = nested(info, CInt(IFLA_INFO_DATA)), let type = nested(data, CInt(IFLA_TUN_TYPE))
        else { return nil }
        return Tun(
            isTAP: CInt(nla_get_u8(type)) == IFF_TAP,
            owner: nested(data, CInt(IFLA_TUN_OWNER)).map { nla_get_u32($0) },
            group: nested(data, CInt(IFLA_TUN_GROUP)).map { nla_get_u32($0) })
    }

    private static func nested(_ attribute: UnsafeMutablePointer<nlattr>, _ type: CInt) -> UnsafeMutablePointer<nlattr>?
    {
        guard let data = nla_data(attribute) else { return nil }
        return nla_find(data.assumingMemoryBound(to: nlattr.self), nla_len(attribute), type)
    }
}

extension LinkFlags {
    /// Brought up. The corresponding C constant is `IFF_UP`.
    package static let up = LinkFlags(IFF_UP)
    /// Its other side is there too. The corresponding C constant is `IFF_LOWER_UP`.
    package static let lowerUp = LinkFlags(IFF_LOWER_UP)
    /// The corresponding C constant is `IFF_RUNNING`.
    package static let running = LinkFlags(IFF_RUNNING)
    /// The corresponding C constant is `IFF_LOOPBACK`.
    package static let loopback = LinkFlags(IFF_LOOPBACK)
    /// The corresponding C constant is `IFF_POINTOPOINT`.
    package static let pointToPoint = LinkFlags(IFF_POINTOPOINT)
    /// The corresponding C constant is `IFF_NOARP`.
    package static let noARP = LinkFlags(IFF_NOARP)
    /// The corresponding C constant is `IFF_PROMISC`.
    package static let promiscuous = LinkFlags(IFF_PROMISC)

    private init(_ constant: some BinaryInteger) {
        self.init(rawValue: UInt32(constant))
    }

    private init(_ constant: some RawRepresentable<UInt32>) {
        self.init(rawValue: constant.rawValue)
    }
}

extension OperationalState {
    /// Numbers that are not known yet are `.unknown`.
    init(constant: UInt8) {
        self = Self.allCases.first { $0.constant == constant } ?? .unknown
    }

    private var constant: UInt8 {
        switch self {
        case .unknown: UInt8(IF_OPER_UNKNOWN)
        case .notPresent: UInt8(IF_OPER_NOTPRESENT)
        case .down: UInt8(IF_OPER_DOWN)
        case .lowerLayerDown: UInt8(IF_OPER_LOWERLAYERDOWN)
        case .testing: UInt8(IF_OPER_TESTING)
        case .dormant: UInt8(IF_OPER_DORMANT)
        case .up: UInt8(IF_OPER_UP)
        }
    }
}
