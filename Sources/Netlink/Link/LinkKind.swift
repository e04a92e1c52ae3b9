// SPDX-License-Identifier: Apache-2.0
package import Addressing
import CNetlink

/// What to make. Parents are given by their index in the connection's namespace.
package enum LinkKind: Sendable {
    case veth(peer: PeerSpec)
    case dummy
    /// - Parameter id: 0 to 4094
    case vlan(parent: Int32, id: UInt16)
    case macvlan(parent: Int32, mode: MacvlanMode)
    /// A macvlan that a program opens as `/dev/tap<index>`.
    case macvtap(parent: Int32, mode: MacvlanMode)
    case ipvlan(parent: Int32, mode: IPVLANMode)
    case bridge
    case vxlan(VXLAN)

    /// The kernel's name of it. The corresponding C constant is `IFLA_INFO_KIND`.
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
        }
    }

    /// Whom the links of one parent can talk to. The corresponding C type is `enum macvlan_mode`.
    package enum MacvlanMode: Sendable, CaseIterable {
        case `private`
        case vepa
        case bridge
        case passthru
    }

    /// The corresponding C type is `enum ipvlan_mode`.
    package enum IPVLANMode: Sendable, CaseIterable {
        case l2
        case l3
        case l3s
    }

    /// A tunnel over UDP.
    package struct VXLAN: Hashable, Sendable {
        /// The network's number, 24 bits.
        package var id: UInt32
        /// UDP port of the other side.
        package var port: UInt16
        /// Where packets leave; nil is by route.
        package var parent: Int32?
        package var local: IPAddress?
        /// The other side, or the multicast group of all others.
        package var remote: IPAddress?
        /// Whether it learns who is where from what comes in.
        package var learns: Bool

        package init(
            id: UInt32, port: UInt16 = 4789, parent: Int32? = nil, local: IPAddress? = nil, remote: IPAddress? = nil,
            learns: Bool = true
        ) {
            self.id = id
            self.port = port
            self.parent = parent
            self.local = local
            self.remote = remote
            self.learns = learns
        }
    }
}

extension LinkKind.MacvlanMode {
    /// `MACVLAN_MODE_*`
    var constant: UInt32 {
        switch self {
        case .private: MACVLAN_MODE_PRIVATE.rawValue
        case .vepa: MACVLAN_MODE_VEPA.rawValue
        case .bridge: MACVLAN_MODE_BRIDGE.rawValue
        case .passthru: MACVLAN_MODE_PASSTHRU.rawValue
        }
    }

    /// nil for a mode that has no name here.
    init?(constant: UInt32) {
        guard let mode = Self.allCases.first(where: { $0.constant == constant }) else { return nil }
        self = mode
    }
}

extension LinkKind.IPVLANMode {
    /// `IPVLAN_MODE_*`
    var constant: UInt16 {
        switch self {
        case .l2: UInt16(IPVLAN_MODE_L2.rawValue)
        case .l3: UInt16(IPVLAN_MODE_L3.rawValue)
        case .l3s: UInt16(IPVLAN_MODE_L3S.rawValue)
        }
    }

    /// nil for a mode that has no name here.
    init?(constant: UInt16) {
        guard let mode = Self.allCases.first(where: { $0.constant == constant }) else { return nil }
        self = mode
    }
}
