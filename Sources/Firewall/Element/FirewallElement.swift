// SPDX-License-Identifier: Apache-2.0
import Addressing
import Netfilter
import VPC

/// One element of a set, or of a map to chains.
struct FirewallElement: Hashable, Sendable {
    /// A part of an element's key.
    enum Field: Hashable, Sendable {
        case interface(String)
        case mac(MACAddress)
        case address(IPAddress)
        /// An address that nf_tables only knows as so many bits.
        case bits(IPAddress)
        /// A link's group. The corresponding C constant is `IFLA_GROUP`.
        case linkGroup(UInt32)
    }

    let key: [Field]
    /// A map's: the chain to go to.
    var chain: String?

    init(_ key: Field..., chain: String? = nil) {
        self.key = key
        self.chain = chain
    }

    /// As the kernel has it.
    ///
    /// - Throws: when it has the name of no interface.
    func element() throws(NetfilterError) -> SetElement {
        SetElement(try SetKey(key.map(\.part)), chain.map(MapVerdict.goto))
    }

    /// As nft reads it.
    var text: String {
        if let chain { "\(keyText) : goto \(chain)" } else { keyText }
    }

    var keyText: String { key.map(\.text).joined(separator: " . ") }
}

extension FirewallElement.Field {
    var part: SetKey.Part {
        switch self {
        case .interface(let name): .interface(name)
        case .mac(let address): .mac(address)
        case .address(let address): .address(address)
        case .bits(let address): .address(address)
        case .linkGroup(let group): .number(group)
        }
    }

    var text: String {
        switch self {
        case .interface(let name): "\"\(name)\""
        case .mac(let address): address.description
        case .address(let address): address.description
        case .bits(let address): "0x" + address.bytes.map(Self.hexadecimal).joined()
        case .linkGroup(let group): String(group)
        }
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 0x10 ? "0" : "") + String(byte, radix: 16)
    }
}

extension FirewallElement {
    /// Where an ENI's packets go while its link's group is changed.
    static func detour(of interface: String, to combination: Combination) -> [(set: SetName, element: FirewallElement)]
    {
        [
            (.egressMoving, FirewallElement(.interface(interface), chain: combination.chain(.egress))),
            (.ingressMoving, FirewallElement(.interface(interface), chain: combination.chain(.ingress))),
        ]
    }
}
