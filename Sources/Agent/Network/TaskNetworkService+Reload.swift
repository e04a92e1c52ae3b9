// SPDX-License-Identifier: Apache-2.0
import Addressing
import TaskNetworking
import VPC

/// A change of the configuration that would take away what tasks stand on, or what is the host's.
enum SubnetRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case inUse(subnet: String, change: String, by: [String])
    case overlaps(subnet: String, [HostConflict])

    var description: String {
        switch self {
        case .inUse(let subnet, let change, let owners):
            """
            subnet \(subnet) \(change), and is in use by \(Self.list(owners)): \
            stop those first, or leave the subnet as it is
            """
        case .overlaps(let subnet, let conflicts):
            """
            subnet \(subnet): \(Self.list(conflicts.map(\.description))): \
            give the subnet another block, or take that away from the host
            """
        }
    }

    private static let most = 10

    private static func list(_ texts: [String]) -> String {
        texts.prefix(most).joined(separator: ", ") + (texts.count > most ? " and \(texts.count - most) more" : "")
    }
}

extension TaskNetworkService {
    func checkReload(to new: AgentConfiguration) async throws {
        let current = configuration
        for subnet in current.subnets {
            guard let change = subnet.groundTaken(in: new.subnets) else { continue }
            let owners = try await store.read { store in
                try store.leases(subnetID: subnet.id).filter { change.families.contains($0.address.family) }
                    .map { lease in
                        try store.networkInterface(id: lease.networkInterfaceID)?.owner(of: lease.address)
                            ?? "\(lease.networkInterfaceID) (\(lease.address))"
                    }
            }
            guard owners.isEmpty else {
                throw SubnetRefusal.inUse(subnet: subnet.shownName, change: change.text, by: owners)
            }
        }
        try await refuseConflicts(of: routed(new.subnets, by: new))
    }

    /// - Throws: `SubnetRefusal` for the first subnet with a block that is the host's own, and not there already.
    func refuseConflicts(of subnets: [Subnet]) async throws {
        let kernel = kernel
        let conflicts = try await Blocking.run { try kernel.conflicts(of: subnets.flatMap(\.cidrBlocks)) }
        for subnet in subnets {
            let own = conflicts.filter { subnet.cidrBlocks.contains($0.block) }
            if !own.isEmpty { throw SubnetRefusal.overlaps(subnet: subnet.shownName, own) }
        }
    }
}

extension Subnet {
    fileprivate var shownName: String { name == id ? id : "\(id) (\(name))" }

    /// What a change takes from those who are in this subnet: its gateway, and that their addresses are of it.
    fileprivate func groundTaken(in others: [Subnet]) -> (text: String, families: Set<IPFamily>)? {
        guard let new = others.first(where: { $0.id == id }) else {
            let families = Set(IPFamily.allCases)
            let heir = others.first { $0.name == name || !Set($0.cidrBlocks).isDisjoint(with: cidrBlocks) }
            guard let heir else { return ("is to go", families) }
            return ("is to have the id \(heir.id)", families)
        }
        let changed = IPFamily.allCases.filter { cidrBlock($0) != nil && cidrBlock($0) != new.cidrBlock($0) }
        guard !changed.isEmpty else { return nil }
        let texts = changed.map { family in
            let block = cidrBlock(family).map { "\($0)" } ?? ""
            return new.cidrBlock(family).map { "is to have \($0) in the place of \(block)" } ?? "is to lose \(block)"
        }
        return (texts.joined(separator: " and "), Set(changed))
    }
}

extension NetworkInterfaceRecord {
    /// "task 0123 (10.64.1.4)"
    fileprivate func owner(of address: IPAddress) -> String {
        let owner = taskID.map { "task \($0)" } ?? sandbox.map { "\($0.key)" } ?? id
        return "\(owner) (\(address))"
    }
}
