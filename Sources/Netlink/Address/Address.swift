// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// An IP address on a link.
package struct Address: Hashable, Sendable, CustomStringConvertible {
    package var linkIndex: Int32
    package var address: InterfaceAddress
    /// The other end of a point-to-point link: the prefix is its own then.
    package var peer: IPAddress?
    /// nil: host for a loopback address, otherwise everywhere.
    package var scope: Scope?
    package var flags: Flags
    /// IPv4 only, for tools of old: the link's name, or that and ":" and more.
    package var label: String?
    /// IPv4 only.
    package var broadcast: IPv4Address?
    /// Of the route to the prefix that the kernel makes with it ("metric"): of two to the same prefix the lower one is
    /// taken. nil is the kernel's choice: 0 for IPv4, 256 for IPv6. The corresponding C constant is `IFA_RT_PRIORITY`.
    package var prefixRoutePriority: UInt32?

    package init(
        _ address: InterfaceAddress, linkIndex: Int32, peer: IPAddress? = nil, scope: Scope? = nil, flags: Flags = [],
        label: String? = nil, broadcast: IPv4Address? = nil, prefixRoutePriority: UInt32? = nil
    ) {
        self.address = address
        self.linkIndex = linkIndex
        self.peer = peer
        self.scope = scope
        self.flags = flags
        self.label = label
        self.broadcast = broadcast
        self.prefixRoutePriority = prefixRoutePriority
    }

    package var description: String {
        "\(address)\(peer.map { " peer \($0)" } ?? "") dev \(linkIndex)"
    }

    /// The corresponding C constants are `IFA_F_*`.
    package struct Flags: OptionSet, Hashable, Sendable {
        package let rawValue: UInt32

        package init(rawValue: UInt32) {
            self.rawValue = rawValue
        }
    }
}

/// How far an address or a route reaches. The corresponding C type is `enum rt_scope_t`.
package struct Scope: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }
}
