// SPDX-License-Identifier: Apache-2.0
import Addressing

/// What an address is to the firewall.
enum FirewallSide {
    case interface(FirewallInterface, IPAddress)
    /// An ENI that does not pass the host's stack.
    case elsewhere(FirewallMember, IPAddress)
    case host(FirewallHost, IPAddress)
    case other(IPAddress)

    init(_ address: IPAddress, _ state: FirewallState) {
        if let interface = state.interfaces.first(where: { $0.addresses.contains(address) }) {
            self = .interface(interface, address)
        } else if let member = state.interfacesElsewhere.first(where: { $0.addresses.contains(address) }) {
            self = .elsewhere(member, address)
        } else if state.host.addresses.contains(address) {
            self = .host(state.host, address)
        } else {
            self = .other(address)
        }
    }

    var address: IPAddress {
        switch self {
        case .interface(_, let address), .elsewhere(_, let address), .host(_, let address), .other(let address): address
        }
    }

    var securityGroupIDs: [String] {
        switch self {
        case .interface(let interface, _): interface.securityGroupIDs
        case .elsewhere(let member, _): member.securityGroupIDs
        case .host(let host, _): host.securityGroupIDs
        case .other: []
        }
    }

    var isInterface: Bool { if case .interface = self { true } else { false } }
    var isHost: Bool { if case .host = self { true } else { false } }
    var isElsewhere: Bool { if case .elsewhere = self { true } else { false } }
    /// Whether nobody outside may send from it.
    var isKnownHere: Bool { isInterface || isHost }
}
