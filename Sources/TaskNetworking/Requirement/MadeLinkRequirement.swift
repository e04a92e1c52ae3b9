// SPDX-License-Identifier: Apache-2.0
package import Addressing
package import Netlink

/// A link in the task's namespace, made by us, with no end of its own on the host.
package struct MadeLinkRequirement: Hashable, Sendable, Codable {
    package enum Form: Hashable, Sendable, Codable {
        case dummy
        case vlan(parent: InterfaceName, id: Int)
        case macvlan(parent: InterfaceName, mode: AttachmentKind.MACVLANMode)
        case ipvlan(parent: InterfaceName, mode: AttachmentKind.IPVLANMode)
        /// Alone on a parent that is in the namespace, too, and whose MAC address it has.
        case macvtap(parent: InterfaceName)
        case bridge

        var kind: String {
            switch self {
            case .dummy: "dummy"
            case .vlan: "vlan"
            case .macvlan: "macvlan"
            case .ipvlan: "ipvlan"
            case .macvtap: "macvtap"
            case .bridge: "bridge"
            }
        }
    }

    package let name: InterfaceName
    /// An ipvlan or macvtap link has its parent's instead.
    package let macAddress: MACAddress
    /// Nil leaves it to the kernel: the parent's.
    package let mtu: Int?
    package let form: Form

    package init(name: InterfaceName, macAddress: MACAddress, mtu: Int?, form: Form) {
        self.name = name
        self.macAddress = macAddress
        self.mtu = mtu
        self.form = form
    }
}

extension MadeLinkRequirement: RequirementKind {
    var label: String { "\(form.kind) \(name)" }
    var scope: RequirementScope { .task }

    /// On its parent it takes up a VLAN's number, a MAC or an address until it is gone for good: whoever is given that
    /// next need not wait for the kernel.
    var goesWithNamespace: Bool { form == .dummy || form == .bridge }

    func apply(in ground: Ground) throws -> ApplyOutcome {
        let task = try ground.task()
        // Parents are looked for where the request is made.
        let isInside = if case .macvtap = form { true } else { false }
        let side = isInside ? task : ground.host
        let spec = LinkSpec(
            name: name.text, kind: try form.linkKind(on: side), macAddress: givenMACAddress, mtu: mtu, isUp: true,
            namespace: isInside ? nil : task.namespace)
        do throws(NetlinkError) {
            try side.connection.apply(.createLink(spec))
            return .made
        } catch {
            guard error.isAlreadyExists, let link = try task.link(named: name) else { throw error }
            guard form.isForm(of: link) else {
                throw ConflictError(link, hasTheName: name)
            }
            // Its MAC says whose it is: what would come to it is somebody else's network.
            if form == .bridge, link.macAddress != macAddress {
                throw ConflictError("the namespace has a bridge \(name) already, for another ENI: use another VLAN")
            }
            try task.mend(link, macAddress: givenMACAddress, mtu: mtu)
            return .found
        }
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        guard let link = try snapshot.task?.link(name), form.isForm(of: link) else { return [.missing] }
        return [
            Difference("MAC address", expected: givenMACAddress, found: link.macAddress),
            Difference("MTU", expected: mtu, found: link.mtu),
            Difference("state", expected: "up", found: link.isUp ? "up" : "down"),
        ].compactMap(\.self)
    }

    func undo(in ground: Ground) throws {
        guard let task = try ground.taskIfThere(), let link = try task.link(named: name),
            form.isForm(of: link)
        else { return }
        try task.remove(.deleteLink(.index(link.index)))
    }

    private var givenMACAddress: MACAddress? {
        switch form {
        case .ipvlan, .macvtap: nil
        case .dummy, .vlan, .macvlan, .bridge: macAddress
        }
    }
}

extension MadeLinkRequirement.Form {
    /// Of a VLAN the number counts, too: another one under the same name is somebody else's.
    fileprivate func isForm(of link: Link) -> Bool {
        if case .vlan(_, let id) = self, case .vlan(let found) = link.kind { return Int(found) == id }
        return link.kind?.name == kind
    }

    fileprivate func linkKind(on side: Side) throws -> LinkKind {
        switch self {
        case .dummy:
            return .dummy
        case .bridge:
            return .bridge
        case .macvtap(let parent):
            return .macvtap(parent: try side.index(of: parent), mode: .passthru)
        case .vlan(let parent, let id):
            // The planner lets no other number through; a stored plan could have one.
            guard let id = UInt16(exactly: id) else { throw ConflictError("there is no VLAN \(id): use 1 to 4094") }
            return .vlan(parent: try side.index(of: parent), id: id)
        case .macvlan(let parent, let mode):
            return .macvlan(parent: try side.index(of: parent), mode: mode.linkMode)
        case .ipvlan(let parent, let mode):
            return .ipvlan(parent: try side.index(of: parent), mode: mode.linkMode)
        }
    }
}

extension ConflictError {
    /// For a link of another kind in the task's namespace.
    package init(_ link: Link, hasTheName name: InterfaceName) {
        let kind = link.kind?.name ?? "hardware"
        self.init("the namespace has a link \(name) already (\(kind)): rename it, or choose another name for the ENI")
    }
}

extension AttachmentKind.MACVLANMode {
    fileprivate var linkMode: LinkKind.MacvlanMode {
        switch self {
        case .bridge: .bridge
        case .private: .private
        case .vepa: .vepa
        }
    }
}

extension AttachmentKind.IPVLANMode {
    fileprivate var linkMode: LinkKind.IPVLANMode {
        switch self {
        case .l2: .l2
        case .l3: .l3
        case .l3s: .l3s
        }
    }
}
