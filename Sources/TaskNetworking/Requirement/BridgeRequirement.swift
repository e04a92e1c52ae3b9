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
        if try host.add(.createLink(spec)) == .found { return try complete(in: ground) }
        do {
            let link = try bridge(on: host)
            for address in try missingAddresses(of: link, on: host) { _ = try add(address, to: link, on: host) }
        } catch {
            try? undo(in: ground)
            throw error
        }
        return .made
    }

    /// Gives a bridge that was there what it lacks, and notes that: it is taken back with the rest when a later step
    /// fails. Nothing is done to one that is to be refused.
    private func complete(in ground: Ground) throws -> ApplyOutcome {
        let host = ground.host
        let link = try bridge(on: host)
        let missing = try missingAddresses(of: link, on: host)
        if link.isUp && missing.isEmpty { return .found }
        var completion = BridgeCompletion(ports: try ports(of: link, on: host))
        do {
            if !link.isUp {
                try host.connection.apply(.changeLink(.index(link.index), LinkChange(isUp: true)))
                completion.broughtUp = true
            }
            for address in missing where try add(address, to: link, on: host) == .made {
                completion.addresses.append(address)
            }
        } catch {
            try? takeBack(completion, on: host)
            throw error
        }
        ground.noteCompleted(name, completion)
        return .made
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        guard let link = try snapshot.host.link(name), link.kind == .bridge else { return [.missing] }
        var differences = [Difference("state", expected: "up", found: link.isUp ? "up" : "down")].compactMap(\.self)
        for address in addresses where try snapshot.host.address(address, on: link.index) == nil {
            differences.append(Difference(expected: "address \(address)", found: "no such address"))
        }
        return differences
    }

    /// Removes the bridge that was made here, unless somebody has come to use it; from one that was there, what it was
    /// given here.
    func undo(in ground: Ground) throws {
        let host = ground.host
        if let completion = ground.completion(of: name) { return try takeBack(completion, on: host) }
        guard let link = try host.link(named: name), link.kind == .bridge, link.macAddress == macAddress,
            try ports(of: link, on: host).isEmpty
        else { return }
        host.learn(name, is: nil)
        try host.remove(.deleteLink(.index(link.index)))
    }

    /// What somebody may use who has come since stays.
    private func takeBack(_ completion: BridgeCompletion, on host: Side) throws {
        guard let link = try host.link(named: name), link.kind == .bridge,
            try ports(of: link, on: host).isSubset(of: completion.ports)
        else { return }
        for address in completion.addresses { try host.remove(.removeAddress(Address(address, linkIndex: link.index))) }
        if completion.broughtUp { try host.remove(.changeLink(.index(link.index), LinkChange(isUp: false))) }
    }

    private func ports(of bridge: Link, on host: Side) throws(NetlinkError) -> Set<Int32> {
        Set(try host.connection.links().filter { $0.master == bridge.index }.map(\.index))
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
    private func missingAddresses(of link: Link, on host: Side) throws -> [InterfaceAddress] {
        let there = try host.connection.addresses(linkIndex: link.index)
        let missing = addresses.filter { address in !there.contains { $0.address == address } }
        for address in missing {
            let other = there.first { $0.address.family == address.family && !Self.isTheKernels($0.address.address) }
            guard let other else { continue }
            throw ConflictError(
                """
                mismatch in bridge \(name) address for \(address.family): it has \(other.address), and should have \
                \(address): choose another name for the bridge, or the same subnet and gateway as the others on it
                """)
        }
        return missing
    }

    private func add(_ address: InterfaceAddress, to link: Link, on host: Side) throws(NetlinkError) -> ApplyOutcome {
        try host.add(.addAddress(Address(address, linkIndex: link.index, flags: address.ownFlags)))
    }

    private static func isTheKernels(_ address: IPAddress) -> Bool { address.family == .v6 && address.isLinkLocal }
}

/// What an apply gave to a bridge that was there.
struct BridgeCompletion {
    /// Those that were on it before.
    let ports: Set<Int32>
    var broughtUp = false
    var addresses: [InterfaceAddress] = []

    init(ports: Set<Int32>) { self.ports = ports }
}

extension InterfaceAddress {
    /// Taken as they are, without duplicate address detection, as `AddressRequirement` has it.
    fileprivate var ownFlags: Address.Flags { family == .v6 ? .noDAD : [] }
}
