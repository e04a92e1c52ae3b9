// SPDX-License-Identifier: Apache-2.0
package import Addressing
import Linux
import Netlink

/// A link that a default route of the host's leaves by.
package struct Uplink: Hashable, Sendable {
    package var link: InterfaceName
    package var index: Int32
    package var family: IPFamily
    /// Whether what comes in by it goes on to where it is for.
    package var forwards: Bool
    /// Whether the host forwards by whatever link.
    package var isWholeHost: Bool
}

extension TaskNetwork {
    /// The links of all default routes. IPv6 only where it can be forwarded link by link; elsewhere it is all or nothing.
    package func uplinks() throws -> [Uplink] {
        try withHost { host in
            let snapshot = SideSnapshot(host)
            var uplinks: [Uplink] = []
            for family in IPFamily.allCases {
                let isWholeHost = try UplinkForwardingRequirement.isWholeHost(family, snapshot)
                for index in try Self.defaultLinks(family, on: host) {
                    guard let link = try host.link(index: index), let name = try? InterfaceName(link.name),
                        name != .loopback,
                        let value = try snapshot.value(of: UplinkForwardingRequirement.setting(family, link.name))
                    else { continue }
                    let forwards = value != "0" || family == .v6 && isWholeHost
                    uplinks.append(
                        Uplink(
                            link: name, index: index, family: family, forwards: forwards, isWholeHost: isWholeHost))
                }
            }
            return uplinks
        }
    }

    /// What the host's link of an index is called; nil when there is none.
    package func linkName(_ index: Int32) throws -> String? {
        try withHost { host in try host.link(index: index)?.name }
    }

    private static func defaultLinks(_ family: IPFamily, on host: Side) throws(NetlinkError) -> [Int32] {
        let routes = try host.connection.routes(RouteFilter(family: family, table: .main, kind: .unicast))
        let links = routes.filter { $0.destination.prefixLength == 0 }
            .flatMap { [$0.linkIndex].compactMap(\.self) + $0.furtherLinkIndexes }
        return Set(links).sorted()
    }

    /// Switches forwarding on again on the tasks' own links where something has switched it off: whoever writes
    /// `net.ipv4.ip_forward` writes to all links.
    ///
    /// - Returns: the links' names.
    package func mendTaskLinks() throws -> [String] {
        try withHost { host in
            let snapshot = SideSnapshot(host)
            return try host.connection.links()
                .filter { ($0.networkInterfaceID != nil && $0.kind == .veth) || $0.isWarm }.map(\.name).filter { name in
                    let setting = try UplinkForwardingRequirement.setting(.v4, name)
                    guard try snapshot.value(of: setting) == "0" else { return false }
                    try setting.write("1", in: host.namespace)
                    return true
                }
        }
    }
}
