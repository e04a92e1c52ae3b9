// SPDX-License-Identifier: Apache-2.0
import Addressing
import Glibc
import Linux
import Netfilter
import Netlink
import SystemPackage

/// What somebody else on the host does to what is the daemon's.
enum Damage: String, Hashable, Sendable, CaseIterable {
    case killPause, killContainer
    case deleteLink, setLinkDown, removeAddress, removeDefaultRoute
    case removeHostRoute, setHostLinkDown
    case deleteTable, flushRules
    /// Something that says to be the daemon's, and is nobody's.
    case plantLink, plantRoute

    /// Whether a task may stop for it.
    var endsTask: Bool { self == .killPause || self == .killContainer }

    /// Those that have the daemon come by a fault point; all where it does so without.
    static func leading(to point: String?, among damages: [Damage]) -> [Damage] {
        let wanted: Set<Damage>? =
            switch point?.split(separator: ".").first {
            case "repair": [.deleteLink, .setLinkDown, .removeAddress, .removeDefaultRoute, .removeHostRoute]
            case "removal": [.plantLink, .plantRoute]
            case "packet-filter": [.deleteTable, .flushRules]
            default: nil
            }
        guard let wanted else { return damages }
        let found = damages.filter(wanted.contains)
        return found.isEmpty ? damages : found
    }

    /// Does it to one of the running tasks.
    ///
    /// - Parameter choice: which one; any number.
    /// - Returns: the task's id, or nil where there was nothing to hurt.
    func strike(_ host: TrialHost, choice: Int) -> String? {
        switch self {
        case .deleteTable:
            return (try? Ruleset().apply("delete table inet tasknet")) == nil ? nil : "host"
        case .flushRules:
            return (try? Ruleset().apply("flush table inet tasknet")) == nil ? nil : "host"
        case .plantLink, .plantRoute:
            return (try? plant(choice)) == nil ? nil : "host"
        default: break
        }
        guard let survey = try? ProcessSurvey() else { return nil }
        let pauses = survey.pauses.sorted { $0.key < $1.key }
        guard !pauses.isEmpty else { return nil }
        let (task, pids) = pauses[choice % pauses.count]
        guard let pid = pids.first else { return nil }
        let isDone =
            switch self {
            case .killPause: kill(pid, SIGKILL) == 0
            case .killContainer: survey.descendants(of: pid).last.map { kill($0.pid, SIGKILL) == 0 } ?? false
            default: (try? change(task, host)) ?? false
            }
        return isDone ? task : nil
    }

    /// - Returns: whether there was something to change.
    private func change(_ task: String, _ host: TrialHost) throws -> Bool {
        let connection = try RouteConnection(
            in: try NetworkNamespace(path: host.namespaceDirectory.appending(task)))
        let link = try connection.link(named: "eth0")
        switch self {
        case .deleteLink: try connection.apply(.deleteLink(.index(link.index)))
        case .setLinkDown: try connection.apply(.changeLink(.index(link.index), LinkChange(isUp: false)))
        case .removeAddress:
            guard let address = try connection.addresses(.v4, linkIndex: link.index).first else { return false }
            try connection.apply(.removeAddress(address))
        case .removeDefaultRoute:
            guard
                let route = try connection.routes(RouteFilter(family: .v4, table: .main)).first(where: {
                    $0.destination.prefixLength == 0
                })
            else { return false }
            try connection.apply(.removeRoute(route))
        case .removeHostRoute, .setHostLinkDown: return try changeHost(task)
        case .killPause, .killContainer, .deleteTable, .flushRules, .plantLink, .plantRoute: return false
        }
        return true
    }

    private func changeHost(_ task: String) throws -> Bool {
        let connection = try RouteConnection()
        guard let link = try connection.links().first(where: { ($0.alias ?? "").hasPrefix("tasknet \(task) ") }) else {
            return false
        }
        if self == .setHostLinkDown {
            try connection.apply(.changeLink(.index(link.index), LinkChange(isUp: false)))
            return true
        }
        guard let route = try connection.routes(RouteFilter(family: .v4, linkIndex: link.index)).first else {
            return false
        }
        try connection.apply(.removeRoute(route))
        return true
    }

    private func plant(_ choice: Int) throws {
        let connection = try RouteConnection()
        guard self == .plantRoute else {
            let id = String(choice + 0x1000, radix: 16)
            return try connection.apply(
                .createLink(
                    LinkSpec(
                        name: "tn-trial\(id)", kind: .veth(peer: PeerSpec(name: "tt-\(id)")),
                        alias: "tasknet 0123456789abcdef0123456789abcdef eni-0123456789abc\(id)")))
        }
        // As a subnet has it that is not configured any more.
        let block = try CIDRBlock(parsing: "10.99.\(choice % 256).0/24")
        try connection.apply(
            .replaceRoute(Route(block, kind: .unreachable, routeProtocol: HostSurvey.routeProtocol)))
    }
}
