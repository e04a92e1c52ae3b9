// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// A link as it was on the host before it became a task's ENI: all that is needed to give it back.
package struct HostDevice: Hashable, Sendable, Codable {
    package let name: InterfaceName
    package let macAddress: MACAddress
    package let mtu: Int
    package let isUp: Bool
    /// What the host itself had on it, without link-local addresses (the kernel makes those again).
    package let addresses: [HostAddress]
    /// Its index on the host.
    package let index: Int32?
    /// The corresponding C constant is `IFLA_IFALIAS`.
    package let alias: String?

    package init(
        name: InterfaceName, macAddress: MACAddress, mtu: Int, isUp: Bool, addresses: [HostAddress] = [],
        index: Int32? = nil, alias: String? = nil
    ) {
        self.name = name
        self.macAddress = macAddress
        self.mtu = mtu
        self.isUp = isUp
        self.addresses = addresses
        self.index = index
        self.alias = alias
    }
}
