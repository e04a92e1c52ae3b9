// SPDX-License-Identifier: Apache-2.0
package import Addressing
import Netlink

/// A link has an address. IPv6 addresses are taken as they are, without duplicate address detection: whoever hands out
/// ENIs sees to it that there is one of each, and the detection takes a second.
package struct AddressRequirement: Hashable, Sendable, Codable {
    package let scope: RequirementScope
    package let link: InterfaceName
    package let address: InterfaceAddress

    package init(scope: RequirementScope, link: InterfaceName, address: InterfaceAddress) {
        self.scope = scope
        self.link = link
        self.address = address
    }
}

extension AddressRequirement: RequirementKind {
    var label: String { "address \(address) on \(link)" }

    func apply(in ground: Ground) throws -> ApplyOutcome {
        let side = try ground.side(scope)
        let flags: Address.Flags = address.family == .v6 ? .noDAD : []
        return try side.add(.addAddress(Address(address, linkIndex: try side.index(of: link), flags: flags)))
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        guard let side = snapshot.side(scope), let index = try side.link(link)?.index,
            let found = try side.address(address, on: index)
        else { return [.missing] }
        let isUnusable = found.flags.contains(.duplicate)
        return isUnusable ? [Difference(expected: "usable", found: "a duplicate, by the kernel's detection")] : []
    }

    func undo(in ground: Ground) throws {
        guard let side = try ground.sideIfThere(scope), let index = try side.indexIfThere(link) else { return }
        try side.remove(.removeAddress(Address(address, linkIndex: index)))
    }
}
