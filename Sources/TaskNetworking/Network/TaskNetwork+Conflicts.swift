// SPDX-License-Identifier: Apache-2.0
package import Addressing
import Netlink

/// Something of the host's own that a subnet's block would take from it.
package struct HostConflict: Hashable, Sendable, CustomStringConvertible {
    package enum Owner: Hashable, Sendable {
        /// As ip(8) writes it.
        case route(String)
        case address(InterfaceAddress, link: String)
    }

    package var block: CIDRBlock
    package var owner: Owner

    package var description: String {
        switch owner {
        case .route(let route): "\(block) overlaps the host's own route \(route)"
        case .address(let address, let link): "\(block) overlaps the host's own address \(address) on \(link)"
        }
    }
}

extension TaskNetwork {
    /// What the host has in these blocks that is not tasknet's: routes of its main table, and addresses of its links. A
    /// block that tasknet has on this host already is in nobody's way.
    package func conflicts(of blocks: [CIDRBlock]) throws -> [HostConflict] {
        guard !blocks.isEmpty else { return [] }
        return try withHost { host in
            let links = try host.connection.links()
            let names = Dictionary(links.map { ($0.index, $0.name) }) { first, _ in first }
            let own = Set(links.filter { $0.flags.contains(.loopback) || $0.networkInterfaceID != nil }.map(\.index))
            let routes = try host.connection.routes(RouteFilter(table: .main))
            let present = Set(routes.filter { $0.isOfSubnet }.map(\.destination))
            let others = routes.filter { route in
                !route.isDefault && route.routeProtocol != .tasknet
                    && !(route.kind == .unicast && route.linkIndex.map(own.contains) ?? false)
            }
            let addresses = try host.connection.addresses().filter { !own.contains($0.linkIndex) }
            return blocks.filter { !present.contains($0) }.flatMap { block in
                others.filter { $0.destination.overlaps(block) }.map { route in
                    HostConflict(block: block, owner: .route(route.text(names)))
                }
                    + addresses.filter { block.contains($0.address.address) }.map { address in
                        HostConflict(
                            block: block,
                            owner: .address(address.address, link: names[address.linkIndex] ?? "a link"))
                    }
            }
        }
    }
}

extension Route {
    /// What tasknet has on a host for each block of a subnet.
    fileprivate var isOfSubnet: Bool { kind == .unreachable && routeProtocol == .tasknet }

    /// Also in two halves, and as IPv6 has it for all that is global: VPNs and routers write it so to be preferred.
    fileprivate var isDefault: Bool { destination.prefixLength <= (destination.family == .v4 ? 1 : 3) }

    /// With the link's name in the place of its index.
    fileprivate func text(_ names: [Int32: String]) -> String {
        var route = self
        route.linkIndex = nil
        return "\(route)" + (linkIndex.flatMap { names[$0] }.map { " dev \($0)" } ?? "")
    }
}
