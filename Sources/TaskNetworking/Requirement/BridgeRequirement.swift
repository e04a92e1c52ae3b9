// SPDX-License-Identifier: Apache-2.0
package import Addressing
import Netlink

/// The host has a bridge with some addresses. It is everybody's whose port is on it: it is made when it is missing, and
/// one that is there keeps its MAC and MTU.
package struct BridgeRequirement: Hashable, Sendable, Codable {
    package let name: InterfaceName
    /// Of one that is made. Without one of its own a bridge has the lowest of its ports' and changes it as they come and
    /// go, while its neighbours still send to the old one.
    package let macAddress: MACAddress
    /// Of one that is made.
    package let mtu: Int
    package let addresses: [InterfaceAddress]

    package init(name: InterfaceName, macAddress: MACAddress, mtu: Int, addresses: [InterfaceAddress]) {
        self.name = name
        self.macAddress = macAddress
        self.mtu = mtu
        self.addresses = addresses
    }
}

extension BridgeRequirement: RequirementKind {
    var label: String { "bridge \(name)" }
    var scope: RequirementScope { .host }

    func apply(in ground: Ground) throws -> ApplyOutcome {
        let host = ground.host
        let spec = LinkSpec(name: name.text, kind: .bridge, macAddress: macAddress, mtu: mtu, isUp: true)
        let outcome = try host.add(.createLink(spec))
        do {
            let link = try bridge(on: host)
            if !link.isUp { try host.connection.apply(.changeLink(.index(link.index), LinkChange(isUp: true))) }
            try addAddresses(to: link, on: host)
        } catch {
            if outcome == .made { try? undo(in: ground) }
            throw error
        }
        return outcome
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        guard let link = try snapshot.host.link(name), link.kind == .bridge else { return [.missing] }
        var differences = [Difference("state", expected: "up", found: link.isUp ? "up" : "down")].compactMap(\.self)
        for address in addresses where try snapshot.host.address(address, on: link.index) == nil {
            differences.append(Difference(expected: "address \(address)", found: "no such address"))
        }
        return differences
    }

    /// Removes the bridge that was made here, unless somebody has come to use it.
    func undo(in ground: Ground) throws {
        let host = ground.host
        guard let link = try host.link(named: name), link.kind == .bridge, link.macAddress == macAddress,
            try !host.connection.links().contains(where: { $0.master == link.index })
        else { return }
        host.learn(name, is: nil)
        try host.remove(.deleteLink(.index(link.index)))
    }

    private func bridge(on host: Side) throws -> Link {
        let link = try host.connection.link(named: name.text)
        guard link.kind == .bridge else {
            let kind = link.kind?.name ?? "hardware"
            throw ConflictError(
                """
                interface named \(name) already exists, but is not a bridge (\(kind)): rename it, or choose another \
                name for the bridge
                """)
        }
        host.learn(name, is: link.index)
        return link
    }

    /// A second network on a bridge would make its first one's gateway wrong for somebody.
    private func addAddresses(to link: Link, on host: Side) throws {
        let there = try host.connection.addresses(linkIndex: link.index)
        for address in addresses where !there.contains(where: { $0.address == address }) {
            let other = there.first { $0.address.family == address.family && !Self.isTheKernels($0.address.address) }
            if let other {
                throw ConflictError(
                    """
                    mismatch in bridge \(name) address for \(address.family): it has \(other.address), and should have \
                    \(address): choose another name for the bridge, or the same subnet and gateway as the others on it
                    """)
            }
            _ = try host.add(.addAddress(Address(address, linkIndex: link.index, flags: address.ownFlags)))
        }
    }

    private static func isTheKernels(_ address: IPAddress) -> Bool { address.family == .v6 && address.isLinkLocal }
}

extension InterfaceAddress {
    /// Taken as they are, without duplicate address detection, as `AddressRequirement` has it.
    fileprivate var ownFlags: Address.Flags { family == .v6 ? .noDAD : [] }
}
