// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import SystemPackage

/// What the kernel has, on both sides of a task's network: read when first asked for, one reading per table and
/// namespace, however many requirements are compared with it.
final class Snapshot {
    let host: SideSnapshot
    /// nil when the namespace is gone.
    let task: SideSnapshot?

    init(host: SideSnapshot, task: SideSnapshot?) {
        self.host = host
        self.task = task
    }

    func side(_ scope: RequirementScope) -> SideSnapshot? {
        switch scope {
        case .host: host
        case .task: task
        }
    }
}

/// What the kernel has in one namespace.
final class SideSnapshot {
    private let side: Side
    private var knownLinks: [String: Link]?
    private var knownAddresses: [AddressKey: Address]?
    private var knownRoutes: [RouteKey: [Route]]?
    private var knownNeighbours: [NeighbourKey: Neighbour]?
    private var knownRules: [Rule]?

    init(_ side: Side) { self.side = side }

    var namespace: NetworkNamespace { side.namespace }

    private struct AddressKey: Hashable {
        let index: Int32
        let address: InterfaceAddress
    }

    private struct RouteKey: Hashable {
        let destination: CIDRBlock
        let table: Table
    }

    private struct NeighbourKey: Hashable {
        let index: Int32
        let address: IPAddress
    }

    func link(_ name: InterfaceName) throws(NetlinkError) -> Link? {
        if let knownLinks { return knownLinks[name.text] }
        let links = Dictionary(try side.connection.links().map { ($0.name, $0) }) { first, _ in first }
        knownLinks = links
        return links[name.text]
    }

    func address(_ address: InterfaceAddress, on index: Int32) throws(NetlinkError) -> Address? {
        let key = AddressKey(index: index, address: address)
        if let knownAddresses { return knownAddresses[key] }
        let list = try side.connection.addresses()
        let addresses = Dictionary(list.map { (AddressKey(index: $0.linkIndex, address: $0.address), $0) }) { $1 }
        knownAddresses = addresses
        return addresses[key]
    }

    func routes(to destination: CIDRBlock, table: Table) throws(NetlinkError) -> [Route] {
        let key = RouteKey(destination: destination, table: table)
        if let knownRoutes { return knownRoutes[key] ?? [] }
        let routes = Dictionary(grouping: try side.connection.routes()) {
            RouteKey(destination: $0.destination, table: $0.table)
        }
        knownRoutes = routes
        return routes[key] ?? []
    }

    func routes(on index: Int32, table: Table) throws(NetlinkError) -> [Route] {
        try side.connection.routes(RouteFilter(table: table, linkIndex: index))
    }

    func neighbour(_ address: IPAddress, on index: Int32) throws(NetlinkError) -> Neighbour? {
        let key = NeighbourKey(index: index, address: address)
        if let knownNeighbours { return knownNeighbours[key] }
        let list = try side.connection.neighbours()
        let neighbours = Dictionary(list.map { (NeighbourKey(index: $0.linkIndex, address: $0.address), $0) }) { $1 }
        knownNeighbours = neighbours
        return neighbours[key]
    }

    func rules() throws(NetlinkError) -> [Rule] {
        if let knownRules { return knownRules }
        let rules = try side.connection.rules()
        knownRules = rules
        return rules
    }

    /// A sysctl's text; nil when there is none of that name, as for a link that is gone.
    func value(of sysctl: Sysctl) throws -> String? {
        do {
            return try sysctl.read(in: namespace)
        } catch let error as LinuxError where error.errno == .noSuchFileOrDirectory {
            return nil
        }
    }
}
