// SPDX-License-Identifier: Apache-2.0
import Linux
import Netlink

/// A TAP link in the task's namespace, for a virtual machine.
package struct TAPRequirement: Hashable, Sendable, Codable {
    package let name: InterfaceName
    package let mtu: Int
    /// The user and the group that may open it.
    package let owner: UInt32
    package let group: UInt32

    package init(name: InterfaceName, mtu: Int, owner: UInt32, group: UInt32) {
        self.name = name
        self.mtu = mtu
        self.owner = owner
        self.group = group
    }
}

extension TAPRequirement: RequirementKind {
    var label: String { "TAP \(name)" }
    var scope: RequirementScope { .task }

    func apply(in ground: Ground) throws -> ApplyOutcome {
        let task = try ground.task()
        if let link = try task.link(named: name) {
            guard isTAP(link) else { throw ConflictError(link, hasTheName: name) }
            try task.mend(link, macAddress: nil, mtu: mtu)
            return .found
        }
        try TAPLink.create(name.text, owner: owner, group: group, in: task.namespace)
        do {
            let index = try task.index(of: name)
            try task.connection.apply(.changeLink(.index(index), LinkChange(isUp: true, mtu: mtu)))
        } catch {
            try? undo(in: ground)
            throw error
        }
        return .made
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        guard let link = try snapshot.task?.link(name), isTAP(link) else { return [.missing] }
        return [
            Difference("MTU", expected: mtu, found: link.mtu),
            Difference("state", expected: "up", found: link.isUp ? "up" : "down"),
        ].compactMap(\.self)
    }

    func undo(in ground: Ground) throws {
        guard let task = try ground.taskIfThere(), let link = try task.link(named: name), isTAP(link) else { return }
        task.learn(name, is: nil)
        try task.remove(.deleteLink(.index(link.index)))
    }

    private func isTAP(_ link: Link) -> Bool { link.kind?.name == "tun" }
}
