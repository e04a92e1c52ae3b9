// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// A link in the task's namespace, made by us, with no end of its own on the host.
package struct MadeLinkRequirement: Hashable, Sendable, Codable {
    package enum Form: Hashable, Sendable, Codable {
        case dummy
        case vlan(parent: InterfaceName, id: Int)
        case macvlan(parent: InterfaceName, mode: AttachmentKind.MACVLANMode)
        case ipvlan(parent: InterfaceName, mode: AttachmentKind.IPVLANMode)

        var kind: String {
            switch self {
            case .dummy: "dummy"
            case .vlan: "vlan"
            case .macvlan: "macvlan"
            case .ipvlan: "ipvlan"
            }
        }
    }

    package let name: InterfaceName
    /// An ipvlan link has its parent's instead.
    package let macAddress: MACAddress
    package let mtu: Int
    package let form: Form
}

extension MadeLinkRequirement: RequirementKind {
    var label: String { "\(form.kind) \(name)" }
}
