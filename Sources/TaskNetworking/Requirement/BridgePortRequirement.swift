// SPDX-License-Identifier: Apache-2.0
import Netlink

/// A link is a port of a bridge. The corresponding C constant is `IFLA_MASTER`.
package struct BridgePortRequirement: Hashable, Sendable, Codable {
    package let scope: RequirementScope
    package let link: InterfaceName
    package let bridge: InterfaceName

    package init(scope: RequirementScope = .host, link: InterfaceName, bridge: InterfaceName) {
        self.scope = scope
        self.link = link
        self.bridge = bridge
    }
}

extension BridgePortRequirement: RequirementKind {
    var label: String { "\(link) on bridge \(bridge)" }

    func apply(in ground: Ground) throws -> ApplyOutcome {
        let side = try ground.side(scope)
        let change = LinkChange(master: try side.index(of: bridge))
        try side.connection.apply(.changeLink(.index(try side.index(of: link)), change))
        return .made
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        guard let side = snapshot.side(scope), let port = try side.link(link) else { return [.missing] }
        let index = try side.link(bridge)?.index
        return port.master != nil && port.master == index ? [] : [.missing]
    }

    /// In a task it ends with the link. On the host the bridge is undone before the link is, and looks whether somebody
    /// uses it.
    func undo(in ground: Ground) throws {
        guard scope == .host, let port = try ground.host.link(named: link), let master = port.master,
            master == (try ground.host.indexIfThere(bridge))
        else { return }
        try ground.host.remove(.changeLink(.index(port.index), LinkChange(master: 0)))
    }
}
