// SPDX-License-Identifier: Apache-2.0
package import Addressing
package import Linux

/// What a link that is there is named by.
package enum LinkReference: Hashable, Sendable, CustomStringConvertible {
    case index(Int32)
    case name(String)

    package var description: String {
        switch self {
        case .index(let index): "link \(index)"
        case .name(let name): name
        }
    }
}

/// What to change on a link; what is nil stays.
///
/// Going down comes first and going up last, so that all of it can be said at once.
package struct LinkChange: Sendable {
    package var isUp: Bool?
    package var name: String?
    package var macAddress: MACAddress?
    /// In bytes.
    package var mtu: Int?
    /// Empty takes it away.
    package var alias: String?
    package var group: UInt32?
    /// The bridge (or bond, ...) that it becomes a port of; 0 is none.
    package var master: Int32?
    package var addressGeneration: AddressGeneration?
    package var ipv4: IPv4LinkOptions?
    /// Where it moves to. It goes down on the way and loses its addresses and routes; all the rest, its name and coming up
    /// there included, is done in the same step. Waits for the kernel's grace periods, 10 to 20 ms.
    package var namespace: NetworkNamespace?
    /// The index that it gets there; nil leaves that to the kernel, which keeps the old one where it is free. Linux 5.13.
    /// The corresponding C constant is `IFLA_NEW_IFINDEX`.
    package var newIndex: Int32?

    package init(
        isUp: Bool? = nil, name: String? = nil, macAddress: MACAddress? = nil, mtu: Int? = nil, alias: String? = nil,
        group: UInt32? = nil, master: Int32? = nil, addressGeneration: AddressGeneration? = nil,
        ipv4: IPv4LinkOptions? = nil, namespace: NetworkNamespace? = nil,
        newIndex: Int32? = nil
    ) {
        self.isUp = isUp
        self.name = name
        self.macAddress = macAddress
        self.mtu = mtu
        self.alias = alias
        self.group = group
        self.master = master
        self.addressGeneration = addressGeneration
        self.ipv4 = ipv4
        self.namespace = namespace
        self.newIndex = newIndex
    }
}

/// How a link gets its IPv6 link-local address when it comes up. The corresponding C type is `enum in6_addr_gen_mode`.
package enum AddressGeneration: Hashable, Sendable, CaseIterable {
    /// From its MAC.
    case eui64
    /// Not at all.
    case none
    case stablePrivacy
    case random
}
