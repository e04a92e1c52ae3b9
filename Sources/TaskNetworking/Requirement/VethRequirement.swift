// SPDX-License-Identifier: Apache-2.0
package import Addressing
import Netlink
import SystemPackage

/// A veth pair: one end in the task's namespace, the other on the host.
package struct VethRequirement: Hashable, Sendable, Codable {
    package let name: InterfaceName
    package let macAddress: MACAddress
    package let hostName: InterfaceName
    package let hostMACAddress: MACAddress
    package let mtu: Int
    /// Whose it is, at the host's end. The corresponding C constant is `IFLA_IFALIAS`.
    package let alias: String
    /// The ends' indexes, where they are free: numbers that need not be asked for. Nil leaves them to the kernel.
    package let index: Int32?
    package let hostIndex: Int32?
    /// Whether a pair that is there, with whatever alias, is somebody else's: it was made by a call that is under way
    /// at the same time. Nil is false: an apply finds the pair that an earlier one made.
    package let isAlwaysNew: Bool?
    /// The link group of the host's end, by which the firewall knows its security groups. Nil leaves it as it is. The
    /// corresponding C constant is `IFLA_GROUP`.
    package var hostGroup: UInt32?

    package init(
        name: InterfaceName, macAddress: MACAddress, hostName: InterfaceName, hostMACAddress: MACAddress, mtu: Int,
        alias: String, index: Int32? = nil, hostIndex: Int32? = nil, isAlwaysNew: Bool? = nil,
        hostGroup: UInt32? = nil
    ) {
        self.name = name
        self.macAddress = macAddress
        self.hostName = hostName
        self.hostMACAddress = hostMACAddress
        self.mtu = mtu
        self.alias = alias
        self.index = index
        self.hostIndex = hostIndex
        self.isAlwaysNew = isAlwaysNew
        self.hostGroup = hostGroup
    }
}

extension VethRequirement: RequirementKind {
    var label: String { "veth pair \(name) and \(hostName)" }
    var scope: RequirementScope { .host }
    var goesWithNamespace: Bool { true }
    /// What is down is deleted later.
    var goesWithHostEnd: InterfaceName? { hostName }

    func apply(in ground: Ground) throws -> ApplyOutcome {
        let task = try ground.task()
        if let warm = ground.takeWarmPair(for: self) {
            try takeOver(warm, in: ground)
            ground.noteMade(hostName)
            return .made
        }
        do throws(NetlinkError) {
            try create(on: ground.host, task, at: (index, hostIndex))
        } catch {
            guard Self.isInTheWay(error) else { throw error }
            if isAlwaysNew != true, let pair = try find(ground.host, task) {
                try mend(pair, ground.host, task)
                return .found
            }
            try clearTheWay(ground.host, task)
            // An index may be what was taken: the kernel knows free ones.
            try create(on: ground.host, task, at: nil)
        }
        ground.noteMade(hostName)
        return .made
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        guard let inner = try snapshot.task?.link(name), let outer = try snapshot.host.link(hostName),
            inner.kind == .veth, inner.parent == outer.index
        else { return [.missing] }
        return [
            Difference("MAC address", expected: macAddress, found: inner.macAddress),
            Difference("MTU", expected: mtu, found: inner.mtu),
            Difference("state", expected: "up", found: inner.isUp ? "up" : "down"),
            Difference("\(hostName) MAC address", expected: hostMACAddress, found: outer.macAddress),
            Difference("\(hostName) MTU", expected: mtu, found: outer.mtu),
            Difference("\(hostName) link group", expected: hostGroup, found: outer.group),
        ].compactMap(\.self)
    }

    /// Takes the host's end down, and with it all that leads over it there, and marks it as left over: nothing comes or
    /// goes by the pair from now on. Deleting it here would wait for the kernel's grace periods, and taking the other end
    /// down for one, too.
    ///
    /// Of a pair in somebody else's namespace `Ground.releaseGroup` is the host end's link group.
    ///
    /// - Returns: whether it is down; not where the pair is not as it was made, and has to be undone in steps.
    func release(in ground: Ground) throws -> Bool {
        guard let outer = try ground.host.link(named: hostName), outer.kind == .veth, isOurs(outer) else {
            return false
        }
        let group = ground.isSandbox ? ground.releaseGroup : nil
        try ground.host.remove(
            .changeLink(
                .index(outer.index), LinkChange(isUp: false, alias: LinkRequirement.releasedAlias, group: group)))
        if ground.isSandbox { ground.hasReleasedLinks = true }
        return true
    }

    /// For a rollback, and an ENI that leaves a task which lives on. With its namespace the pair goes for nothing.
    func undo(in ground: Ground) throws {
        if let outer = try ground.host.link(named: hostName), outer.kind == .veth, isOurs(outer) {
            try ground.host.remove(.deleteLink(.index(outer.index)))
        } else if let task = try ground.taskIfThere(), let inner = try task.link(named: name),
            inner.kind == .veth, inner.macAddress == macAddress
        {
            try task.remove(.deleteLink(.index(inner.index)))
        }
    }
}

extension VethRequirement {
    private typealias Pair = (inner: Link, outer: Link)

    /// Both ends in one message, the inner one in the namespace and up from the start: a link that is made elsewhere and
    /// moved costs 10 to 20 ms.
    private func create(
        on host: Side, _ task: Side, at indexes: (inner: Int32?, outer: Int32?)?
    ) throws(NetlinkError) {
        let outer = PeerSpec(
            name: hostName.text, index: indexes?.outer, macAddress: hostMACAddress, mtu: mtu, group: hostGroup)
        let inner = LinkSpec(
            name: name.text, kind: .veth(peer: outer), index: indexes?.inner, macAddress: macAddress, mtu: mtu,
            isUp: true, namespace: task.namespace)
        try host.connection.apply(.createLink(inner))
        host.learn(hostName, is: indexes?.outer)
        task.learn(name, is: indexes?.inner)
    }

    /// A name or an index is taken.
    private static func isInTheWay(_ error: NetlinkError) -> Bool {
        error.isAlreadyExists || error.errno == .resourceBusy
    }

    /// Our pair, also when one of its ends was given another name; or one that was ready, in a namespace that was to be the
    /// task's: whoever took it died before it was called what the ENI is.
    private func find(_ host: Side, _ task: Side) throws(NetlinkError) -> Pair? {
        if let inner = try task.link(named: name), inner.kind == .veth,
            let outer = try host.link(index: inner.parent), outer.kind == .veth, outer.parent == inner.index,
            isOurs(outer) || inner.macAddress == macAddress || outer.isWarm
        {
            return (inner, outer)
        }
        if let outer = try host.link(named: hostName), outer.kind == .veth, isOurs(outer),
            let inner = try task.link(index: outer.parent), inner.kind == .veth, inner.parent == outer.index
        {
            return (inner, outer)
        }
        return nil
    }

    /// One that was ready for just this ENI, and could not be taken: its namespace ends, or is to.
    private func isReadyForThis(_ outer: Link) -> Bool { outer.isWarm && outer.macAddress == hostMACAddress }

    private func isOurs(_ outer: Link) -> Bool {
        outer.alias == alias
            || outer.alias == LinkRequirement.releasedAlias && outer.macAddress == hostMACAddress
    }

    private func mend(_ pair: Pair, _ host: Side, _ task: Side) throws(NetlinkError) {
        if pair.outer.name != hostName.text {
            let change = LinkChange(isUp: false, name: hostName.text)
            try host.connection.apply(.changeLink(.index(pair.outer.index), change))
        }
        if pair.inner.name != name.text {
            let change = LinkChange(isUp: false, name: name.text)
            try task.connection.apply(.changeLink(.index(pair.inner.index), change))
        }
        if let hostGroup, pair.outer.group != hostGroup {
            // Before anything comes up.
            try host.apply(pair.outer, LinkChange(group: hostGroup))
        }
        try task.mend(pair.inner, macAddress: macAddress, mtu: mtu)
        try host.mend(pair.outer, macAddress: hostMACAddress, mtu: mtu)
        host.learn(hostName, is: pair.outer.index)
        task.learn(name, is: pair.inner.index)
    }

    /// Takes away what is left of the same ENI's earlier pair, whose namespace is ending or was lost in a crash. Anything
    /// else that has one of the names stays, and is an error.
    private func clearTheWay(_ host: Side, _ task: Side) throws {
        if let inner = try task.link(named: name) {
            throw ConflictError(inner, hasTheName: name)
        }
        try clearTheWayOnHost(host)
    }

    /// The same for the host's end alone.
    func clearTheWayOnHost(_ host: Side) throws {
        guard let outer = try host.link(named: hostName) else { return }
        guard isAlwaysNew != true, outer.kind == .veth, isOurs(outer) || isReadyForThis(outer) else {
            let owner = outer.alias ?? outer.kind?.name ?? "hardware"
            throw ConflictError(
                """
                the host has a link \(hostName) already (\(owner)): rename it, or remove it with \
                ip link del \(hostName)
                """)
        }
        try host.remove(.deleteLink(.index(outer.index)))
    }
}
