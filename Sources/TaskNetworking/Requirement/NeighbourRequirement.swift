// SPDX-License-Identifier: Apache-2.0
package import Addressing

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
}
