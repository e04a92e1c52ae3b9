// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netfilter
import Netlink
import VPC

/// What the model says of the far end of the host's route.
enum ExpectedWay: Hashable, Sendable {
    /// By this link of ours.
    case link(String)
    /// To the host itself.
    case here
    /// By whatever link of the host's that is no task's.
    case outside
    /// No way at all: nobody has the address.
    case nowhere
}

// The host's own part: routes, forwarding, and others' packet filters.
extension PathKernel {
    /// What the host does with a packet that comes in from a link, or that it sends itself.
    func checkRoute(_ path: PathAddresses, arrivingOn link: Link?, to expected: ExpectedWay) throws -> KernelFact {
        let object = "the host's route to \(path.destination)"
        switch try host.way(to: path.destination, from: path.source, arrivingOn: link) {
        case .failure(let error) where expected == .nowhere: return .asItShould("\(object): none (\(error.wayText))")
        case .failure(let error): return .differs("\(object): none (\(error.wayText))", mend: mend(expected, path))
        case .success(let route):
            let text = "\(object): \(route.wayText(in: host))"
            let name = host.name(ofLink: route.linkIndex)
            let isExpected =
                switch expected {
                case .link(let wanted): route.kind != .local && name == wanted
                case .here: route.kind == .local
                case .outside: route.kind != .local && !name.hasPrefix("tn-")
                case .nowhere: false
                }
            if isExpected { return .asItShould(text) }
            let wanted: String =
                switch expected {
                case .link(let wanted): "dev \(wanted)"
                case .here: "the host itself"
                case .outside: "no task's link"
                case .nowhere: "none: nobody has the address"
                }
            return .differs("\(text), and not \(wanted)", mend: mend(expected, path))
        }
    }

    private func mend(_ expected: ExpectedWay, _ path: PathAddresses) -> String {
        expected == .outside
            ? "ip \(path.family == .v4 ? "" : "-6 ")route add default via <the network's router>" : Mend.restart
    }

    /// Where packets to an address leave the host, and answers come in; nil where there is no way.
    func link(towards address: IPAddress) throws -> Link? {
        guard case .success(let route) = try host.way(to: address), route.kind != .local, let index = route.linkIndex
        else { return nil }
        return try host.connection.link(index: index)
    }

    /// Whether what comes in by a link may leave by another.
    func checkForwarding(_ family: IPFamily, from link: Link) throws -> KernelFact {
        let sysctl = try Self.forwarding(family, link.name)
        let isOn = host.value(sysctl) == "1"
        let isForced = try family == .v6 && host.value(.ipv6(interface: link.name, "force_forwarding")) == "1"
        if isOn || isForced { return .asItShould("\(link.name) forwards") }
        let isOurs = configuration.managesForwarding || link.name.hasPrefix("tn-")
        let mend = isOurs ? Mend.restart : "sysctl -w \(sysctl)=1"
        return .differs("\(sysctl) is off: what comes in by \(link.name) is not forwarded", mend: mend)
    }

    /// IPv6 has one switch for all links, and since Linux 6.17 one for each that is enough as well.
    private static func forwarding(_ family: IPFamily, _ link: String) throws(LinuxError) -> Sysctl {
        family == .v4
            ? try .ipv4(interface: link, "forwarding") : try .ipv6(interface: "all", "forwarding")
    }

    private static let ours = TableID(.inet, "tasknet")

    /// Chains of others that drop what none of their rules accepts.
    func strangers(at hook: Hook, _ family: IPFamily) throws -> [String] {
        let families: Set<TableFamily> = [.inet, family == .v4 ? .ip : .ip6]
        return try NetfilterConnection(in: host.namespace).baseChains().filter { chain in
            chain.table != Self.ours && families.contains(chain.table.family) && chain.base?.hook == hook
                && chain.base?.type == "filter" && chain.base?.policy == .drop
        }.map { "\($0.table) \($0.name)" }
    }
}
