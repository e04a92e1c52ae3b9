// SPDX-License-Identifier: Apache-2.0
package import Addressing
import CNetlink
import Glibc
import SystemPackage

extension Route {
    func addition(replacing: Bool) throws(Refusal) -> NetlinkMessage {
        let flags = NLM_F_CREATE | (replacing ? NLM_F_REPLACE : NLM_F_EXCL)
        return try message { rtnl_route_build_add_request($0, flags, &$1) }
    }

    func removal() throws(Refusal) -> NetlinkMessage {
        try message { rtnl_route_build_del_request($0, 0, &$1) }
    }

    private func message(_ build: (OpaquePointer, inout OpaquePointer?) -> CInt) throws(Refusal) -> NetlinkMessage {
        guard let raw = rtnl_route_alloc() else { throw Refusal(.noMemory) }
        defer { rtnl_route_put(raw) }
        rtnl_route_set_table(raw, table.rawValue)
        rtnl_route_set_protocol(raw, routeProtocol.rawValue)
        try Refusal.check(rtnl_route_set_type(raw, kind.constant))
        try Refusal.check(destination.withLibnl { rtnl_route_set_dst(raw, $0) })
        rtnl_route_set_scope(raw, effectiveScope.rawValue)
        if let preferredSource { try Refusal.check(preferredSource.withLibnl { rtnl_route_set_pref_src(raw, $0) }) }
        if let priority { rtnl_route_set_priority(raw, priority) }
        if gateway != nil || linkIndex != nil {
            guard let hop = rtnl_route_nh_alloc() else { throw Refusal(.noMemory) }
            if let linkIndex { rtnl_route_nh_set_ifindex(hop, linkIndex) }
            if let gateway { Self.set(gateway, of: hop, family: destination.family) }
            // The route owns it from here.
            rtnl_route_add_nexthop(raw, hop)
        }
        let message = try NetlinkMessage { build(raw, &$0) }
        // A single next hop's flags are the route's, and libnl leaves those out.
        if isOnLink { message.withRouteHeader { $0.rtm_flags |= UInt32(RTNH_F_ONLINK) } }
        return message
    }

    private static func set(_ gateway: IPAddress, of hop: OpaquePointer, family: IPFamily) {
        if gateway.family == family {
            gateway.withLibnl { rtnl_route_nh_set_gateway(hop, $0) }
        } else {
            // IPv4 by way of an IPv6 neighbour (RFC 5549).
            _ = gateway.withLibnl { rtnl_route_nh_set_via(hop, $0) }
        }
    }

    /// ip(8)'s choice, so that what one of the two adds the other can remove.
    private var effectiveScope: Scope {
        if let scope { return scope }
        guard destination.family == .v4 else { return .universe }
        switch kind {
        case .local: return .host
        case .broadcast, .multicast, .anycast: return .link
        case .unicast where gateway == nil: return .link
        default: return .universe
        }
    }

    /// Reads a route from an `RTM_NEWROUTE`; nil for families that are not IP and kinds that have no name here.
    init?(_ header: UnsafeMutablePointer<nlmsghdr>) throws(Refusal) {
        let raw = try parsedObject(header)
        defer { nl_object_put(raw) }
        guard let family = IPFamily(constant: CInt(rtnl_route_get_family(raw))),
            let kind = Kind(constant: rtnl_route_get_type(raw)),
            let destination = CIDRBlock(libnl: rtnl_route_get_dst(raw))
                ?? CIDRBlock(network: .any(family), prefixLength: 0)
        else { return nil }
        self.init(
            destination, kind: kind, table: Table(rawValue: rtnl_route_get_table(raw)),
            routeProtocol: RouteProtocol(rawValue: rtnl_route_get_protocol(raw)),
            scope: Scope(rawValue: rtnl_route_get_scope(raw)),
            preferredSource: IPAddress(libnl: rtnl_route_get_pref_src(raw)),
            priority: Self.priority(raw, header),
            isOnLink: rtnl_route_get_flags(raw) & UInt32(RTNH_F_ONLINK) != 0)
        if let hop = rtnl_route_nexthop_n(raw, 0) {
            gateway = IPAddress(libnl: rtnl_route_nh_get_gateway(hop)) ?? IPAddress(libnl: rtnl_route_nh_get_via(hop))
            let index = rtnl_route_nh_get_ifindex(hop)
            linkIndex = index > 0 ? index : nil
        }
        furtherLinkIndexes = (1..<max(1, rtnl_route_get_nnexthops(raw))).compactMap { position in
            rtnl_route_nexthop_n(raw, position).map { rtnl_route_nh_get_ifindex($0) }
        }
    }

    /// nil when there is none; libnl says 0 then.
    private static func priority(_ raw: OpaquePointer, _ header: UnsafeMutablePointer<nlmsghdr>) -> UInt32? {
        let found = nlmsg_find_attr(header, CInt(MemoryLayout<rtmsg>.size), CInt(RTA_PRIORITY.rawValue))
        return found == nil ? nil : rtnl_route_get_priority(raw)
    }
}

extension NetlinkMessage {
    fileprivate func withRouteHeader(_ body: (inout rtmsg) -> Void) {
        guard let data = nlmsg_data(header) else { return }
        body(&data.assumingMemoryBound(to: rtmsg.self).pointee)
    }
}

extension RouteConnection {
    /// The routes that a filter lets through, all tables' when it names none.
    ///
    /// - Throws: `isNotFound` when there is no such link.
    package func routes(_ filter: RouteFilter = RouteFilter()) throws(NetlinkError) -> [Route] {
        do throws(NetlinkError) {
            return try list(answer: RTM_NEWROUTE, "routes") { () throws(Refusal) in
                try filter.request()
            } parse: { header throws(Refusal) in
                guard let route = try Route(header), filter.letsThrough(route) else { return nil }
                return route
            }
        } catch {
            // A table that never had a route is none to the kernel, and empty to everybody else.
            guard error.errno == .noSuchFileOrDirectory, filter.table != nil else { throw error }
            return []
        }
    }

    /// The way that a packet would take from here.
    ///
    /// - Parameters:
    ///   - source: as if it came from this address.
    ///   - linkIndex: as if it came in by this link, to be forwarded; the source must be given then. Forwarding that is
    ///     off is `EHOSTUNREACH`, and a source that is not to be met on that link (`rp_filter`) `EXDEV`, or `EINVAL` in
    ///     newer kernels. The corresponding C constant is `RTA_IIF`.
    ///   - asEntry: the table's entry that decides about it, and not what comes of that. The corresponding C constant is
    ///     `RTM_F_FIB_MATCH`.
    /// - Throws: what the packet's sender would be told: `ENETUNREACH`, `EHOSTUNREACH` and the like.
    package func route(
        to destination: IPAddress, from source: IPAddress? = nil, arrivingOn linkIndex: Int32? = nil,
        asEntry: Bool = false
    ) throws(NetlinkError) -> Route {
        try get(answer: RTM_NEWROUTE, "route to \(destination)") { () throws(Refusal) in
            var header = rtmsg()
            header.rtm_family = UInt8(destination.family.constant)
            header.rtm_dst_len = UInt8(destination.family.addressBits)
            if let source { header.rtm_src_len = UInt8(source.family.addressBits) }
            if asEntry { header.rtm_flags = UInt32(RTM_F_FIB_MATCH) }
            let request = try NetlinkMessage(type: RTM_GETROUTE, header: header)
            try request.put(Int(RTA_DST.rawValue), destination)
            if let source { try request.put(Int(RTA_SRC.rawValue), source) }
            if let linkIndex { try request.put(Int(RTA_IIF.rawValue), UInt32(bitPattern: linkIndex)) }
            return request
        } parse: { header throws(Refusal) in
            guard let route = try Route(header) else { throw Refusal(.badMessage) }
            return route
        }
    }
}

extension RouteFilter {
    fileprivate func request() throws(Refusal) -> NetlinkMessage {
        var header = rtmsg()
        header.rtm_family = UInt8(family?.constant ?? AF_UNSPEC)
        header.rtm_protocol = routeProtocol?.rawValue ?? 0
        header.rtm_type = kind?.constant ?? 0
        let request = try NetlinkMessage(type: RTM_GETROUTE, header: header)
        if let table { try request.put(Int(RTA_TABLE.rawValue), table.rawValue) }
        if let linkIndex { try request.put(Int(RTA_OIF.rawValue), UInt32(bitPattern: linkIndex)) }
        return request
    }

    /// The kernel's IPv6 side filters less than its IPv4 side.
    fileprivate func letsThrough(_ route: Route) -> Bool {
        (family ?? route.destination.family) == route.destination.family && (table ?? route.table) == route.table
            && (routeProtocol ?? route.routeProtocol) == route.routeProtocol && (kind ?? route.kind) == route.kind
            && (linkIndex ?? route.linkIndex) == route.linkIndex
    }
}
