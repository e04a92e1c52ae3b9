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
    /// Whether the calling thread is in the namespace for as long as this is used.
    private let isEntered: Bool
    private var knownLinks: [String: Link]?
    private var knownAddresses: [AddressKey: Address]?
    private var knownRoutes: [Table: [CIDRBlock: [Route]]] = [:]
    private var knownProxyDelays: [Int32: UInt64]?
    private var knownNeighbours: [NeighbourKey: Neighbour]?
    private var knownRules: [Rule]?

    init(_ side: Side, isEntered: Bool = false) {
        self.side = side
        self.isEntered = isEntered
    }

    var namespace: NetworkNamespace { side.namespace }

    private struct AddressKey: Hashable {
        let index: Int32
        let address: InterfaceAddress
    }

    private struct NeighbourKey: Hashable {
        let index: Int32
        let address: IPAddress
    }

    /// Reads what nearly all plans ask for.
    func readAll() throws(NetlinkError) {
        _ = try links()
        _ = try addresses()
        _ = try routes(of: .main)
        _ = try neighbours()
    }

    func link(_ name: InterfaceName) throws(NetlinkError) -> Link? { try links()[name.text] }

    func links(_ macAddress: MACAddress) throws(NetlinkError) -> [Link] {
        try links().values.filter { $0.macAddress == macAddress }
    }

    func link(index: Int32) throws(NetlinkError) -> Link? { try links().values.first { $0.index == index } }

    /// By name.
    private func links() throws(NetlinkError) -> [String: Link] {
        if let knownLinks { return knownLinks }
        let links = Dictionary(try side.connection.links().map { ($0.name, $0) }) { first, _ in first }
        knownLinks = links
        return links
    }

    func address(_ address: InterfaceAddress, on index: Int32) throws(NetlinkError) -> Address? {
        try addresses()[AddressKey(index: index, address: address)]
    }

    private func addresses() throws(NetlinkError) -> [AddressKey: Address] {
        if let knownAddresses { return knownAddresses }
        let list = try side.connection.addresses()
        let addresses = Dictionary(list.map { (AddressKey(index: $0.linkIndex, address: $0.address), $0) }) { $1 }
        knownAddresses = addresses
        return addresses
    }

    func routes(to destination: CIDRBlock, table: Table) throws(NetlinkError) -> [Route] {
        try routes(of: table)[destination] ?? []
    }

    /// By destination. Not all tables at once: most of what is there is the kernel's own about each address.
    private func routes(of table: Table) throws(NetlinkError) -> [CIDRBlock: [Route]] {
        if let known = knownRoutes[table] { return known }
        let routes = Dictionary(grouping: try side.connection.routes(RouteFilter(table: table)), by: \.destination)
        knownRoutes[table] = routes
        return routes
    }

    func routes(on index: Int32, table: Table) throws(NetlinkError) -> [Route] {
        try side.connection.routes(RouteFilter(table: table, linkIndex: index))
    }

    func neighbour(_ address: IPAddress, on index: Int32) throws(NetlinkError) -> Neighbour? {
        try neighbours()[NeighbourKey(index: index, address: address)]
    }

    private func neighbours() throws(NetlinkError) -> [NeighbourKey: Neighbour] {
        if let knownNeighbours { return knownNeighbours }
        let list = try side.connection.neighbours()
        let neighbours = Dictionary(list.map { (NeighbourKey(index: $0.linkIndex, address: $0.address), $0) }) { $1 }
        knownNeighbours = neighbours
        return neighbours
    }

    func rules() throws(NetlinkError) -> [Rule] {
        if let knownRules { return knownRules }
        let rules = try side.connection.rules()
        knownRules = rules
        return rules
    }

    /// How long answers for others wait at most on a link, in milliseconds.
    func proxyDelay(on index: Int32) throws(NetlinkError) -> UInt64? {
        if let knownProxyDelays { return knownProxyDelays[index] }
        let delays = try side.connection.proxyDelays(.v4)
        knownProxyDelays = delays
        return delays[index]
    }

    /// A sysctl's text; nil when there is none of that name, as for a link that is gone.
    func value(of sysctl: Sysctl) throws -> String? {
        do {
            return isEntered ? try sysctl.read() : try sysctl.read(in: namespace)
        } catch let error as LinuxError where error.errno == .noSuchFileOrDirectory {
            return nil
        }
    }
}
