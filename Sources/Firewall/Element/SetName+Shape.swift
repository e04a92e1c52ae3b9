// SPDX-License-Identifier: Apache-2.0
import Addressing
import Netfilter

extension SetName {
    /// What the keys of a set are made of.
    enum FieldKind: Sendable {
        case interface
        case mac
        case address(IPFamily)
        case bits(IPFamily)
        case linkGroup

        /// In a key, in whole registers.
        var length: Int {
            switch self {
            case .interface: 16
            case .mac: 8
            case .address(let family), .bits(let family): family.addressBits / 8
            case .linkGroup: 4
            }
        }

        /// nil for what cannot stand in a text.
        func field(_ bytes: ArraySlice<UInt8>) -> FirewallElement.Field? {
            switch self {
            case .interface: InterfaceText.name(of: bytes).map { .interface($0) }
            case .mac: MACAddress(bytes: bytes.prefix(6)).map { .mac($0) }
            case .address: IPAddress(bytes: bytes).map { .address($0) }
            case .bits: IPAddress(bytes: bytes).map { .bits($0) }
            case .linkGroup: .linkGroup(bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) })
            }
        }
    }

    var shape: [FieldKind] {
        switch self {
        case .addresses(.v4), .arpAddresses: [.interface, .mac, .address(.v4)]
        case .addresses(.v6): [.interface, .mac, .address(.v6)]
        case .heard(.v4): [.interface, .address(.v4)]
        case .heard(.v6): [.interface, .address(.v6)]
        case .own(.v4): [.interface, .bits(.v4)]
        case .own(.v6): [.interface, .bits(.v6)]
        case .onlyForTasks(.v4), .onlyForTasks(.v6), .egressMoving, .ingressMoving: [.interface]
        case .spoofed, .arpSpoofed, .deniedEgress, .deniedIngress: [.interface]
        case .egress, .ingress: [.linkGroup]
        default: [.address(family)]
        }
    }

    /// That of a set of addresses, by its name.
    var family: IPFamily { name.hasSuffix(IPFamily.v6.suffix) ? .v6 : .v4 }
}

extension FirewallElement {
    /// What the kernel has told, without a map's value; nil for what cannot stand in a text.
    init?(_ element: SetElement, in set: SetName) {
        var key: [Field] = []
        var rest = element.key.bytes[...]
        for kind in set.shape {
            guard rest.count >= kind.length, let field = kind.field(rest.prefix(kind.length)) else { return nil }
            key.append(field)
            rest = rest.dropFirst(kind.length)
        }
        guard rest.isEmpty else { return nil }
        self.key = key
    }
}
