// SPDX-License-Identifier: Apache-2.0
import Addressing
import CNetlink
import Glibc
import Linux
import SystemPackage

extension LinkSpec {
    /// The request that makes the link, and what the kernel only does for a link that is there.
    func messages() throws(Refusal) -> [NetlinkMessage] {
        try check()
        let link = try make()
        defer { rtnl_link_put(link) }
        try setCommon(link, self)
        if isUp { rtnl_link_set_flags(link, UInt32(IFF_UP)) }
        var messages = [
            try NetlinkMessage { rtnl_link_build_add_request(link, NLM_F_CREATE | NLM_F_EXCL, &$0) }
        ]
        if let alias, namespace == nil {
            messages += try LinkChange(alias: alias).messages(to: .name(name))
        }
        if case .veth(let peer) = kind, peer.isUp || peer.alias != nil || peer.group != nil {
            let change = LinkChange(isUp: peer.isUp ? true : nil, alias: peer.alias, group: peer.group)
            messages += try change.messages(to: .name(peer.name))
        }
        return messages
    }

    /// The link as libnl describes it, with what only its kind has. The caller owns it.
    private func make() throws(Refusal) -> OpaquePointer {
        let isVeth = if case .veth = kind { true } else { false }
        guard let link = isVeth ? rtnl_link_veth_alloc() : rtnl_link_alloc() else {
            throw Refusal(.noMemory)
        }
        do throws(Refusal) {
            try setKind(link)
        } catch {
            rtnl_link_put(link)
            throw error
        }
        return link
    }

    private func setKind(_ link: OpaquePointer) throws(Refusal) {
        if case .veth(let peer) = kind {
            guard let other = rtnl_link_veth_get_peer(link) else { throw Refusal(.noMemory) }
            defer { rtnl_link_put(other) }
            try setCommon(other, peer)
            return [link, other].forEach(Self.setSingleQueue)
        }
        try Refusal.check(rtnl_link_set_type(link, kind.name))
        switch kind {
        case .veth, .dummy, .bridge:
            break
        case .vlan(let parent, let id):
            rtnl_link_set_link(link, parent)
            try Refusal.check(rtnl_link_vlan_set_id(link, id))
        case .macvlan(let parent, let mode):
            rtnl_link_set_link(link, parent)
            try Refusal.check(rtnl_link_macvlan_set_mode(link, mode.constant))
        case .macvtap(let parent, let mode):
            rtnl_link_set_link(link, parent)
            try Refusal.check(rtnl_link_macvtap_set_mode(link, mode.constant))
        case .ipvlan(let parent, let mode):
            rtnl_link_set_link(link, parent)
            try Refusal.check(rtnl_link_ipvlan_set_mode(link, mode.constant))
        case .vxlan(let vxlan):
            try Refusal.check(rtnl_link_vxlan_set_id(link, vxlan.id))
            try Refusal.check(rtnl_link_vxlan_set_port(link, UInt32(vxlan.port)))
            try Refusal.check(rtnl_link_vxlan_set_learning(link, vxlan.learns ? 1 : 0))
            if let parent = vxlan.parent {
                try Refusal.check(rtnl_link_vxlan_set_link(link, UInt32(bitPattern: parent)))
            }
            if let local = vxlan.local { try Refusal.check(local.withLibnl { rtnl_link_vxlan_set_local(link, $0) }) }
            if let remote = vxlan.remote { try Refusal.check(remote.withLibnl { rtnl_link_vxlan_set_group(link, $0) }) }
        }
    }

    /// The kernel would make as many queues as there are processors, use one of them all the same, and wait for a grace
    /// period to put the others away: half of what the pair costs.
    private static func setSingleQueue(_ link: OpaquePointer) {
        rtnl_link_set_num_tx_queues(link, 1)
        rtnl_link_set_num_rx_queues(link, 1)
    }

    private func setCommon(_ link: OpaquePointer, _ end: some LinkEnd) throws(Refusal) {
        rtnl_link_set_name(link, end.name)
        if let index = end.index { rtnl_link_set_ifindex(link, index) }
        if let macAddress = end.macAddress { macAddress.withLibnl { rtnl_link_set_addr(link, $0) } }
        if let mtu = end.mtu { rtnl_link_set_mtu(link, try checked(mtu: mtu)) }
        if let group = end.group { rtnl_link_set_group(link, group) }
        end.namespace?.withRawDescriptor { rtnl_link_set_ns_fd(link, $0) }
    }
}

extension LinkSpec {
    /// Refuses what the kernel would pass over in silence.
    private func check() throws(Refusal) {
        try LinkName.require(name)
        if namespace != nil, alias != nil {
            throw Refusal(.notSupported, "a link that is born in another namespace is given no alias there")
        }
        guard case .veth(let peer) = kind else { return }
        try LinkName.require(peer.name)
        if peer.namespace != nil, peer.isUp || peer.alias != nil || peer.group != nil {
            throw Refusal(
                .notSupported,
                "a peer in another namespace is not born up, with an alias or in a group: "
                    + "make it the link, and the other end its peer")
        }
    }
}

extension LinkChange {
    /// One request, or as many as the kernel's order of doing things makes it.
    func messages(to reference: LinkReference) throws(Refusal) -> [NetlinkMessage] {
        if let name { try LinkName.require(name) }
        if case .name(let name) = reference {
            try LinkName.require(name)
            // The kernel takes the name in a request without an index for what to look for.
            guard self.name == nil else {
                throw Refusal(.invalidArgument, "a link that gets another name has to be given by its index")
            }
        }
        var last = self
        var messages: [NetlinkMessage] = []
        // Within a request the kernel sets flags last but for what belongs to a family (address generation, IPv4), and a
        // link that is up cannot be renamed everywhere. A move takes the link down by itself, and takes it out of reach of a second request.
        if namespace == nil {
            if isUp == false, name != nil || macAddress != nil {
                messages.append(try LinkChange(isUp: false).message(to: reference))
                last.isUp = nil
            }
            if isUp == true, addressGeneration != nil || ipv4 != nil {
                let families = LinkChange(addressGeneration: addressGeneration, ipv4: ipv4)
                messages.append(try families.message(to: reference))
                last.addressGeneration = nil
                last.ipv4 = nil
            }
        } else if isUp == true, addressGeneration != nil || ipv4 != nil {
            throw Refusal(
                .notSupported, "a family's settings are made too late for a link that moves and comes up at once")
        }
        if messages.isEmpty || !last.isEmpty { messages.append(try last.message(to: reference)) }
        return messages
    }

    private var isEmpty: Bool {
        isUp == nil && name == nil && macAddress == nil && mtu == nil && alias == nil && group == nil && master == nil
            && addressGeneration == nil && ipv4 == nil && namespace == nil
    }

    private func message(to reference: LinkReference) throws(Refusal) -> NetlinkMessage {
        guard let old = rtnl_link_alloc(), let new = rtnl_link_alloc() else {
            throw Refusal(.noMemory)
        }
        defer {
            rtnl_link_put(old)
            rtnl_link_put(new)
        }
        if case .index(let index) = reference { rtnl_link_set_ifindex(old, index) }
        if let name { rtnl_link_set_name(new, name) }
        if let macAddress { macAddress.withLibnl { rtnl_link_set_addr(new, $0) } }
        if let mtu { rtnl_link_set_mtu(new, try checked(mtu: mtu)) }
        if let alias {
            try check(alias: alias)
            rtnl_link_set_ifalias(new, alias)
        }
        if let group { rtnl_link_set_group(new, group) }
        if let master { rtnl_link_set_master(new, master) }
        if let addressGeneration {
            rtnl_link_inet6_set_addr_gen_mode(new, addressGeneration.constant)
        }
        try ipv4?.set(on: new)
        namespace?.withRawDescriptor { rtnl_link_set_ns_fd(new, $0) }
        switch isUp {
        case true: rtnl_link_set_flags(new, UInt32(IFF_UP))
        case false: rtnl_link_unset_flags(new, UInt32(IFF_UP))
        default: break
        }
        let message = try NetlinkMessage { rtnl_link_build_change_request(old, new, 0, &$0) }
        if case .name(let name) = reference { try message.put(IFLA_IFNAME, name) }
        if let newIndex { try message.put(IFLA_NEW_IFINDEX, UInt32(bitPattern: newIndex)) }
        return message
    }
}

extension LinkReference {
    func deletion() throws(Refusal) -> NetlinkMessage {
        guard let link = rtnl_link_alloc() else { throw Refusal(.noMemory) }
        defer { rtnl_link_put(link) }
        switch self {
        case .index(let index):
            rtnl_link_set_ifindex(link, index)
        case .name(let name):
            try LinkName.require(name)
            rtnl_link_set_name(link, name)
        }
        return try NetlinkMessage { rtnl_link_build_delete_request(link, &$0) }
    }

    /// The request that deletes every link of a group.
    static func deletion(ofGroup group: UInt32) throws(Refusal) -> NetlinkMessage {
        // Group 0 is where all links are that nobody has put elsewhere, the host's uplink among them.
        guard group != 0 else { throw Refusal(.invalidArgument, "group 0 is where all other links of the host are") }
        let message = try NetlinkMessage(type: RTM_DELLINK, header: ifinfomsg())
        try message.put(IFLA_GROUP, group)
        return message
    }
}

/// The kernel would refuse it too, but of a new link's alias only when the link is made.
private func check(alias: String) throws(Refusal) {
    // The kernel counts the NUL that libnl sends along, and keeps one of its own.
    let maximum = Int(IFALIASZ) - 2
    guard alias.utf8.count <= maximum else {
        throw Refusal(.invalidArgument, "an alias of \(alias.utf8.count) bytes, at most \(maximum) are allowed")
    }
    guard !alias.utf8.contains(0) else { throw Refusal(.invalidArgument, "an alias with a NUL byte in it") }
}

private func checked(mtu: Int) throws(Refusal) -> UInt32 {
    guard let mtu = UInt32(exactly: mtu) else { throw Refusal(.invalidArgument, "there is no MTU of \(mtu)") }
    return mtu
}

extension AddressGeneration {
    /// `IN6_ADDR_GEN_MODE_*`
    var constant: UInt8 {
        switch self {
        case .eui64: UInt8(IN6_ADDR_GEN_MODE_EUI64.rawValue)
        case .none: UInt8(IN6_ADDR_GEN_MODE_NONE.rawValue)
        case .stablePrivacy: UInt8(IN6_ADDR_GEN_MODE_STABLE_PRIVACY.rawValue)
        case .random: UInt8(IN6_ADDR_GEN_MODE_RANDOM.rawValue)
        }
    }

    init?(constant: UInt8) {
        guard let mode = Self.allCases.first(where: { $0.constant == constant }) else { return nil }
        self = mode
    }
}

extension LinkSpec: CustomStringConvertible {
    package var description: String {
        if case .veth(let peer) = kind { "\(name) (veth, peer \(peer.name))" } else { "\(name) (\(kind.name))" }
    }
}
