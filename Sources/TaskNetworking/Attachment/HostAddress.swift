// SPDX-License-Identifier: Apache-2.0
package import Addressing
import Netlink

/// An address that the host had on a device, with what it takes to make it the same again.
package struct HostAddress: Hashable, Sendable {
    package let address: InterfaceAddress
    /// The other end of a point-to-point link.
    package let peer: IPAddress?
    package let broadcast: IPv4Address?
    /// The corresponding C constants are `RT_SCOPE_*`.
    package let scope: UInt8?
    package let label: String?
    package let isWithoutDetection: Bool
    package let isWithoutPrefixRoute: Bool
}

extension HostAddress {
    init(_ address: Address) {
        self.address = address.address
        peer = address.peer
        broadcast = address.broadcast
        scope = address.scope?.rawValue
        label = address.label
        isWithoutDetection = address.flags.contains(.noDAD)
        isWithoutPrefixRoute = address.flags.contains(.noPrefixRoute)
    }

    func on(_ linkIndex: Int32) -> Address {
        var flags: Address.Flags = []
        if isWithoutDetection { flags.insert(.noDAD) }
        if isWithoutPrefixRoute { flags.insert(.noPrefixRoute) }
        return Address(
            address, linkIndex: linkIndex, peer: peer, scope: scope.map(Scope.init(rawValue:)), flags: flags,
            label: label, broadcast: broadcast)
    }
}

extension HostAddress: Codable {
    private enum CodingKeys: CodingKey {
        case address, peer, broadcast, scope, label, isWithoutDetection, isWithoutPrefixRoute
    }

    /// Plans that were stored before have the address alone.
    package init(from decoder: any Decoder) throws {
        if let address = try? decoder.singleValueContainer().decode(InterfaceAddress.self) {
            self.init(Address(address, linkIndex: 0))
            return
        }
        let container = try decoder.container(keyedBy: CodingKeys.self)
        self.init(
            address: try container.decode(InterfaceAddress.self, forKey: .address),
            peer: try container.decodeIfPresent(IPAddress.self, forKey: .peer),
            broadcast: try container.decodeIfPresent(IPv4Address.self, forKey: .broadcast),
            scope: try container.decodeIfPresent(UInt8.self, forKey: .scope),
            label: try container.decodeIfPresent(String.self, forKey: .label),
            isWithoutDetection: try container.decode(Bool.self, forKey: .isWithoutDetection),
            isWithoutPrefixRoute: try container.decode(Bool.self, forKey: .isWithoutPrefixRoute))
    }
}
