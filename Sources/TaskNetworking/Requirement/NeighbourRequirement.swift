// SPDX-License-Identifier: Apache-2.0
package import Addressing
import Netlink

/// An address on a link is known to be at a MAC address, for good. The corresponding C constant is `NUD_PERMANENT`.
package struct NeighbourRequirement: Hashable, Sendable, Codable {
    package let scope: RequirementScope
    package let link: InterfaceName
    package let address: IPAddress
    package let macAddress: MACAddress

    package init(scope: RequirementScope, link: InterfaceName, address: IPAddress, macAddress: MACAddress) {
        self.scope = scope
        self.link = link
        self.address = address
        self.macAddress = macAddress
    }
}

extension NeighbourRequirement: RequirementKind {
    var label: String { "neighbour \(address) on \(link)" }
    var goesWithHostEnd: InterfaceName? { scope == .host ? link : nil }

    func apply(in ground: Ground) throws -> ApplyOutcome {
        let side = try ground.side(scope)
        let neighbour = Neighbour(address, linkIndex: try side.index(of: link), macAddress: macAddress)
        let outcome = try side.add(.addNeighbour(neighbour))
        if outcome == .found { try side.connection.apply(.replaceNeighbour(neighbour)) }
        return outcome
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        guard let side = snapshot.side(scope), let index = try side.link(link)?.index,
            let found = try side.neighbour(address, on: index)
        else { return [.missing] }
        if !found.state.contains(.permanent) { return [Difference(expected: "permanent", found: "learnt")] }
        return [Difference("MAC address", expected: macAddress, found: found.macAddress)].compactMap(\.self)
    }

    func undo(in ground: Ground) throws {
        guard let side = try ground.sideIfThere(scope), let index = try side.indexIfThere(link) else { return }
        try side.remove(.removeNeighbour(Neighbour(address, linkIndex: index, macAddress: nil)))
    }
}
