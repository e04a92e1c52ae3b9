// SPDX-License-Identifier: Apache-2.0
import Addressing
import Netlink
import TaskNetworking
import VPC

// Both ends of an ENI's link, and the way between them.
extension PathKernel {
    /// What the kernel has of the ENI that a packet comes from.
    ///
    /// - Parameter isExpected: whether there is anybody to reach; if not, whatever keeps packets inside is as well.
    func check(
        source record: NetworkInterfaceRecord, _ path: PathAddresses, isExpected: Bool
    ) throws -> [KernelFact] {
        var facts = try checkHostLink(of: record)
        guard let inside = try inside(record, &facts) else { return facts }
        let mend = Mend.network(of: record)
        switch try inside.view.way(to: path.destination, from: path.source) {
        case .failure(let error) where !isExpected:
            facts.append(.asItShould("no route to \(path.destination) inside: \(error.wayText)"))
        case .failure(let error):
            facts.append(.differs("no route to \(path.destination) inside: \(error.wayText)", mend: mend))
        case .success(let route) where route.linkIndex != inside.link.index && isExpected:
            facts.append(
                .differs(
                    "inside it leaves \(route.wayText(in: inside.view)), not by \(inside.link.name)", mend: mend))
        case .success(let route):
            facts.append(.asItShould("inside it leaves \(route.wayText(in: inside.view))"))
            if isExpected { facts += try checkNextHop(route.gateway ?? path.destination, of: record, inside) }
        }
        return facts
    }

    /// What the kernel has of the ENI that a packet is for.
    func check(destination record: NetworkInterfaceRecord, _ path: PathAddresses) throws -> [KernelFact] {
        var facts = try checkHostLink(of: record)
        if let hostName = record.hostName, let link = try host.link(hostName) {
            facts += try checkNeighbour(path.destination, of: record, on: link)
        }
        guard let inside = try inside(record, &facts) else { return facts }
        let mend = Mend.network(of: record)
        if case .success(let route) = try inside.view.way(to: path.destination), route.kind == .local {
            facts.append(.asItShould("\(path.destination) is there inside"))
        } else {
            facts.append(.differs("\(path.destination) is not on \(inside.link.name) inside", mend: mend))
        }
        switch try inside.view.way(to: path.source, from: path.destination) {
        case .failure(let error):
            facts.append(.differs("no route back to \(path.source) inside: \(error.wayText)", mend: mend))
        case .success(let route):
            facts.append(.asItShould("answers leave \(route.wayText(in: inside.view))"))
        }
        return facts
    }

    private func checkHostLink(of record: NetworkInterfaceRecord) throws -> [KernelFact] {
        guard let hostName = record.hostName else { return [] }
        guard let link = try host.link(hostName) else {
            return [.differs("its link \(hostName) is not there", mend: Mend.network(of: record))]
        }
        return [
            link.isUp
                ? .asItShould("\(hostName) is up, in link group 0x\(String(link.group, radix: 16))")
                : .differs("\(hostName) is down", mend: "ip link set \(hostName) up")
        ]
    }

    private func inside(
        _ record: NetworkInterfaceRecord, _ facts: inout [KernelFact]
    ) throws -> (view: NamespaceView, link: Link)? {
        guard let namespace = try namespace(of: record) else {
            facts.append(.differs("its network namespace is gone", mend: Mend.network(of: record)))
            return nil
        }
        let view = try NamespaceView(namespace)
        guard let link = try view.link(record.interfaceName) else {
            facts.append(.differs("there is no \(record.interfaceName) inside", mend: Mend.network(of: record)))
            return nil
        }
        if !link.isUp {
            facts.append(.differs("\(link.name) is down inside", mend: "bring \(link.name) up inside"))
        }
        return (view, link)
    }

    /// By a veth the host's end is everybody: it is the gateway, and answers ARP for whom it has a route to.
    private func checkNextHop(
        _ address: IPAddress, of record: NetworkInterfaceRecord, _ inside: (view: NamespaceView, link: Link)
    ) throws -> [KernelFact] {
        let found = try inside.view.connection.neighbour(address, linkIndex: inside.link.index)
        let mend = Mend.network(of: record)
        guard let found, let mac = found.macAddress, !found.state.contains(.failed) else {
            // For fe80::1, which the host has not, nobody answers: it is given.
            let isAsked = found?.state.contains(.failed) != true && (address.family == .v4 || record.hostName == nil)
            return [
                isAsked
                    ? .asItShould("\(address) was not asked for inside yet")
                    : .differs("nobody answers for \(address) inside", mend: mend)
            ]
        }
        if let hostName = record.hostName, let link = try host.link(hostName), link.macAddress != mac {
            return [
                .differs("\(address) is \(mac) inside, and not \(hostName)'s", mend: mend)
            ]
        }
        return [.asItShould("\(address) is \(mac) inside")]
    }

    private func checkNeighbour(
        _ address: IPAddress, of record: NetworkInterfaceRecord, on link: Link
    ) throws -> [KernelFact] {
        guard let found = try host.connection.neighbour(address, linkIndex: link.index) else {
            return [.asItShould("the host has not asked for \(address) yet")]
        }
        if found.state.contains(.failed) {
            return [.differs("nobody answers for \(address) on \(link.name)", mend: Mend.network(of: record))]
        }
        guard let mac = found.macAddress else { return [.asItShould("the host is asking for \(address)")] }
        return [
            mac == record.networkInterface.macAddress
                ? .asItShould("\(address) is \(mac)")
                : .differs(
                    "the host has \(address) as \(mac), and not the ENI's \(record.networkInterface.macAddress)",
                    mend: Mend.network(of: record))
        ]
    }
}
