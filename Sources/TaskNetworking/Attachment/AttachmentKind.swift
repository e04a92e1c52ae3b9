// SPDX-License-Identifier: Apache-2.0

/// How an ENI comes into the task's namespace.
package enum AttachmentKind: Hashable, Sendable, Codable {
    /// A veth pair made by us: the inner end is born in the namespace, the host routes to the other end.
    case veth
    /// A link that exists on the host, moved in and given back. What it was like there is part of the plan, so that
    /// it can be given back by somebody who only has the plan.
    case device(HostDevice)
    /// A VLAN of its own on a trunk.
    case branch(trunk: InterfaceName, vlanID: Int)
    /// A second MAC address on a NIC of the host's LAN.
    case macvlan(parent: InterfaceName, mode: MACVLANMode)
    /// A second address on a NIC of the host's LAN, under the NIC's own MAC.
    case ipvlan(parent: InterfaceName, mode: IPVLANMode)
    /// A stand-in with nothing behind it.
    case dummy

    /// What reaches what between the links of one parent. The corresponding C enumeration is `macvlan_mode`. Without
    /// `passthru`, which has the parent's MAC instead of the ENI's: that is what `device` is for.
    package enum MACVLANMode: String, Codable, Hashable, Sendable, CaseIterable {
        case bridge, `private`, vepa
    }

    /// At which layer the parent tells its links apart. The corresponding C enumeration is `ipvlan_mode`.
    package enum IPVLANMode: String, Codable, Hashable, Sendable {
        case l2, l3, l3s
    }

    /// The kind's name, as in the configuration and in messages.
    package var name: String {
        switch self {
        case .veth: "veth"
        case .device: "device"
        case .branch: "branch"
        case .macvlan: "macvlan"
        case .ipvlan: "ipvlan"
        case .dummy: "dummy"
        }
    }
}

extension AttachmentKind {
    /// The host's NIC that the ENI's link stands on.
    package var parent: InterfaceName? {
        switch self {
        case .branch(let trunk, _): trunk
        case .macvlan(let parent, _), .ipvlan(let parent, _): parent
        case .veth, .device, .dummy: nil
        }
    }
}
