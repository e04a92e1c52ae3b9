// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// A network interface as the kernel tells about it.
package struct Link: Hashable, Sendable {
    package let index: Int32
    package let name: String
    /// nil for links that have none, or one of another form (tunnels).
    package let macAddress: MACAddress?
    /// What the hardware came with. The corresponding C constant is `IFLA_PERM_ADDRESS`.
    package let permanentMACAddress: MACAddress?
    /// In bytes.
    package let mtu: Int
    package let alias: String?
    package let flags: LinkFlags
    package let operationalState: OperationalState
    package let group: UInt32
    /// The bridge (or bond, ...) that it is a port of.
    package let master: Int32?
    /// What it stands on: a VLAN's trunk, a macvlan's parent, a veth's other end. Counted in another namespace when
    /// `parentNamespaceID` is not nil.
    package let parent: Int32?
    /// This namespace's own number for the parent's. The corresponding C constant is `IFLA_LINK_NETNSID`.
    package let parentNamespaceID: Int32?
    package let addressGeneration: AddressGeneration?
    /// How IPv4 behaves on it; nil where it has no IPv4.
    package let ipv4: IPv4LinkOptions?
    /// nil for hardware and `lo`.
    package let kind: Kind?
    /// Whether it is a bridge that opens a port only when it has listened for others, twice its forward delay: half a
    /// minute, as the kernel has it.
    package let runsSpanningTree: Bool

    /// Whether it has been brought up; whether it can be used is in the operational state.
    package var isUp: Bool { flags.contains(.up) }

    /// What it is, with what tells it from others of its kind.
    package enum Kind: Hashable, Sendable {
        case veth
        case dummy
        case vlan(id: UInt16)
        /// nil for a mode that has no name here.
        case macvlan(mode: LinkKind.MacvlanMode?)
        /// nil for a mode that has no name here.
        case macvtap(mode: LinkKind.MacvlanMode?)
        case ipvlan(mode: LinkKind.IPVLANMode?)
        case bridge
        case vxlan(id: UInt32)
        case tun(Tun)
        case other(String)

        /// The kernel's name of it.
        package var name: String {
            switch self {
            case .veth: "veth"
            case .dummy: "dummy"
            case .vlan: "vlan"
            case .macvlan: "macvlan"
            case .macvtap: "macvtap"
            case .ipvlan: "ipvlan"
            case .bridge: "bridge"
            case .vxlan: "vxlan"
            case .tun: "tun"
            case .other(let name): name
            }
        }
    }
}

extension Link {
    /// A link whose other end is a program. The corresponding C constants are `IFLA_TUN_*`.
    package struct Tun: Hashable, Sendable {
        /// Whether frames go over it, as over Ethernet (TAP), and not packets (TUN).
        package let isTAP: Bool
        /// Who may open it; nil is everybody.
        package let owner: UInt32?
        package let group: UInt32?
    }
}

/// The corresponding C constants are `IFF_*`.
package struct LinkFlags: OptionSet, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }
}

/// What a link can do now (RFC 2863). The corresponding C constants are `IF_OPER_*`.
package enum OperationalState: Hashable, Sendable, CaseIterable {
    case unknown
    case notPresent
    case down
    /// Something that it stands on is down.
    case lowerLayerDown
    case testing
    case dormant
    case up
}
