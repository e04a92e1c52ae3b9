// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import Synchronization
import SystemPackage

extension TaskNetwork {
    /// What the planner has to know about this host.
    package func hostFacts() throws -> HostFacts {
        try withHost { host in
            let disabled = try Sysctl.ipv6(interface: "all", "disable_ipv6")
            let snapshot = SideSnapshot(host)
            let isDisabled = try snapshot.value(of: disabled)
            return HostFacts(
                uplinkMTU: try Self.uplinkMTU(on: host),
                forwardsIPv6PerLink: isDisabled != nil ? try forwardsIPv6PerLink(snapshot) : false,
                hasIPv6: isDisabled == "0", knowsIPv6: isDisabled != nil)
        }
    }

    /// As it was found when it was first asked (Linux 6.17).
    private func forwardsIPv6PerLink(_ snapshot: SideSnapshot) throws -> Bool {
        if let known = forwardingPerLink.withLock({ $0 }) { return known }
        let found = try snapshot.value(of: .ipv6(interface: "default", "force_forwarding")) != nil
        forwardingPerLink.withLock { $0 = found }
        return found
    }

    /// The MTU of the link that packets to the rest of the world leave by.
    private static func uplinkMTU(on host: Side) throws(NetlinkError) -> Int? {
        let world: [IPAddress] = [
            .v4(IPv4Address(rawValue: 0x0101_0101)), .v6(IPv6Address(high: 0x2606_4700_4700_0000, low: 0x1111)),
        ]
        for address in world {
            do throws(NetlinkError) {
                let route = try host.connection.route(to: address)
                if route.kind == .unicast, let link = try host.link(index: route.linkIndex) { return link.mtu }
            } catch {
                // No way out in this family.
                guard [.networkUnreachable, .noRouteToHost, .permissionDenied, .invalidArgument].contains(error.errno)
                else { throw error }
            }
        }
        return nil
    }
}
