// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netfilter
import Netlink

/// What the kernel and the disk have on the host's side.
struct HostSurvey: Sendable {
    var links: [Link]
    var addresses: [Address]
    /// Of the main tables, both families.
    var routes: [Route]
    var rules: [Rule]
    var proxies: [Neighbour]
    /// Names in /run/netns.
    var namespaces: Set<String>
    /// Ids of tasks that have runtime files, and that have state.
    var runtimeDirectories: Set<String>
    var stateDirectories: Set<String>
    /// What DELs without a daemon have left.
    var deletions: [String]
    /// The packet filter's elements, by their set.
    var elements: [String: [SetElement]]

    static let filterTables = [TableID(.inet, "tasknet"), TableID(.arp, "tasknet")]
    private static let combinationMaps: Set = ["inet tasknet egress", "inet tasknet ingress"]
    /// The protocol that the daemon's routes have.
    static let routeProtocol = RouteProtocol(rawValue: 84)

    init(_ host: TrialHost) throws {
        let connection = try RouteConnection()
        // What is no task's yet is not in the model: it comes and goes with the daemon.
        links = try connection.links().filter { $0.alias != "tasknet ready for any task" }
        addresses = try connection.addresses()
        routes = try connection.routes().filter { $0.table != .local }
        rules = try connection.rules()
        proxies = try connection.proxyNeighbours()
        namespaces = Self.names("\(host.namespaceDirectory)")
        runtimeDirectories = Self.names("\(host.runtimeDirectory)/tasks")
        stateDirectories = Self.names("\(host.stateDirectory)/tasks")
        deletions = Self.names("\(host.runtimeDirectory)/cni/deletions").sorted()
        elements = [:]
        let filter = try NetfilterConnection()
        for table in Self.filterTables {
            for set in try filter.setNames(in: table) {
                elements["\(table) \(set)"] = try filter.elements(of: set, in: table)
            }
        }
    }

    private static func names(_ path: String) -> Set<String> { Set((try? DirectoryNames.read(path)) ?? []) }

    /// Links that say to be the daemon's.
    var ours: [Link] {
        links.filter { $0.name.hasPrefix("tn-") || ($0.alias ?? "").hasPrefix("tasknet") }
    }

    /// Single addresses that the daemon routes to a task.
    var routedAddresses: Set<String> {
        Set(
            routes.filter { $0.routeProtocol == Self.routeProtocol && $0.kind == .unicast && $0.destination.isSingle }
                .map { "\($0.destination.network)" })
    }

    /// Blocks that the daemon says to be unreachable.
    var unreachableBlocks: Set<String> {
        Set(
            routes.filter { $0.routeProtocol == Self.routeProtocol && $0.kind == .unreachable }
                .map { "\($0.destination)" })
    }

    /// All that there is, a line for each, without what the kernel does in its own time: to be held against itself
    /// later. Numbers that are given anew are left out.
    var lines: Set<String> {
        var lines: Set<String> = []
        let names = Dictionary(links.map { ($0.index, $0.name) }, uniquingKeysWith: { first, _ in first })
        func name(_ index: Int32?) -> String { index.map { names[$0] ?? "?" } ?? "-" }
        for link in links { lines.insert("link \(link.name) \(link.mtu) \(link.isUp) \(link.alias ?? "")") }
        for address in addresses where !address.address.address.isLinkLocal {
            lines.insert("address \(address.address) on \(name(address.linkIndex))")
        }
        for route in routes where !route.destination.network.isLinkLocal && route.destination.network.isUnicast {
            lines.insert(
                "route \(route.kind) \(route.destination) by \(name(route.linkIndex)) in \(route.table.rawValue)")
        }
        for rule in rules { lines.insert("rule \(rule)") }
        for proxy in proxies { lines.insert("proxy \(proxy.address) on \(name(proxy.linkIndex))") }
        for name in namespaces { lines.insert("namespace \(name)") }
        for name in runtimeDirectories { lines.insert("runtime directory \(name)") }
        for name in deletions { lines.insert("deletion \(name)") }
        for (set, elements) in elements {
            lines.insert("set \(set)")
            // Which combinations of groups there were is kept until a group goes.
            if Self.combinationMaps.contains(set) { continue }
            for element in elements { lines.insert("element \(element) of \(set)") }
        }
        return lines
    }
}

extension CIDRBlock {
    fileprivate var isSingle: Bool { firstAddress == lastAddress }
}

extension IPAddress {
    fileprivate var isLinkLocal: Bool { v6.map { $0.description.hasPrefix("fe80:") } ?? false }
    fileprivate var isUnicast: Bool { !(v6.map { $0.description.hasPrefix("ff") } ?? false) }
}
