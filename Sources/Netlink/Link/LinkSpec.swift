// SPDX-License-Identifier: Apache-2.0
package import Addressing
package import Linux

/// A link to make.
package struct LinkSpec: Sendable, LinkEnd {
    package var name: String
    /// nil: the kernel chooses. A veth's peer has its wish granted only when both ends have one.
    package var index: Int32?
    package var macAddress: MACAddress?
    /// In bytes.
    package var mtu: Int?
    /// Free text for people and tools (`ip link` shows it), up to 254 bytes. The corresponding C constant is `IFLA_IFALIAS`.
    package var alias: String?
    package var isUp: Bool
    package var group: UInt32?
    /// Where it is born; nil is where the connection works. Parents are always looked for there.
    package var namespace: NetworkNamespace?
    package var kind: LinkKind

    package init(
        name: String, kind: LinkKind, index: Int32? = nil, macAddress: MACAddress? = nil, mtu: Int? = nil,
        alias: String? = nil, isUp: Bool = false, group: UInt32? = nil, namespace: NetworkNamespace? = nil
    ) {
        self.name = name
        self.index = index
        self.macAddress = macAddress
        self.mtu = mtu
        self.alias = alias
        self.isUp = isUp
        self.group = group
        self.namespace = namespace
        self.kind = kind
    }
}

/// The other end of a veth that is made with it.
///
/// Only the link itself is born up and in its group; what its peer is to be beyond name, index, MAC and MTU is said in a
/// second request, which works where the first did. So of a pair with an end in another namespace, make that end the
/// link, and the near end its peer.
package struct PeerSpec: Sendable, LinkEnd {
    package var name: String
    package var index: Int32?
    package var macAddress: MACAddress?
    /// In bytes.
    package var mtu: Int?
    package var alias: String?
    package var isUp: Bool
    package var group: UInt32?
    /// Where it is born; nil is where the connection works.
    package var namespace: NetworkNamespace?

    package init(
        name: String, index: Int32? = nil, macAddress: MACAddress? = nil, mtu: Int? = nil, alias: String? = nil,
        isUp: Bool = false, group: UInt32? = nil, namespace: NetworkNamespace? = nil
    ) {
        self.name = name
        self.index = index
        self.macAddress = macAddress
        self.mtu = mtu
        self.alias = alias
        self.isUp = isUp
        self.group = group
        self.namespace = namespace
    }
}

/// What a link and a veth's peer have in common.
protocol LinkEnd {
    var name: String { get }
    var index: Int32? { get }
    var macAddress: MACAddress? { get }
    var mtu: Int? { get }
    var alias: String? { get }
    var isUp: Bool { get }
    var group: UInt32? { get }
    var namespace: NetworkNamespace? { get }
}
