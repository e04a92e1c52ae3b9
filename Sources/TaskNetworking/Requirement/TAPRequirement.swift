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
            guard let tap = Self.tap(link) else { throw ConflictError(link, hasTheName: name) }
            guard isOurs(tap) else {
                throw ConflictError(
                    """
                    the namespace has a TAP \(name) already, of \(Self.words(tap)): delete it, or choose another name \
                    for the ENI
                    """)
            }
            try task.mend(link, macAddress: nil, mtu: mtu)
            return .found
        }
        try TAPLink.create(name.text, owner: owner, group: group, in: task.namespace)
        do {
            let index = try task.index(of: name)
            try task.apply([.changeLink(.index(index), LinkChange(isUp: true, mtu: mtu))])
        } catch {
            try? undo(in: ground)
            throw error
        }
        return .made
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        guard let link = try snapshot.task?.link(name), let tap = Self.tap(link) else { return [.missing] }
        return [
            isOurs(tap) ? nil : Difference(expected: "user \(owner) and group \(group)", found: Self.words(tap)),
            Difference("MTU", expected: mtu, found: link.mtu),
            Difference("state", expected: "up", found: link.isUp ? "up" : "down"),
        ].compactMap(\.self)
    }

    func undo(in ground: Ground) throws {
        guard let task = try ground.taskIfThere(), let link = try task.link(named: name), let tap = Self.tap(link),
            isOurs(tap)
        else { return }
        task.learn(name, is: nil)
        try task.remove(.deleteLink(.index(link.index)))
    }

    private static func tap(_ link: Link) -> Link.Tun? {
        if case .tun(let tun) = link.kind, tun.isTAP { tun } else { nil }
    }

    private func isOurs(_ tap: Link.Tun) -> Bool { tap.owner == owner && tap.group == group }

    private static func words(_ tap: Link.Tun) -> String {
        "user \(tap.owner.map(String.init) ?? "any") and group \(tap.group.map(String.init) ?? "any")"
    }
}
