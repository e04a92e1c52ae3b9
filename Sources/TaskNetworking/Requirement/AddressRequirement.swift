// SPDX-License-Identifier: Apache-2.0
package import Addressing

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
}
