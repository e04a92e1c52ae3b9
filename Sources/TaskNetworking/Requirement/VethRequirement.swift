// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// A veth pair: one end in the task's namespace, the other on the host.
package struct VethRequirement: Hashable, Sendable, Codable {
    package let name: InterfaceName
    package let macAddress: MACAddress
    package let hostName: InterfaceName
    package let hostMACAddress: MACAddress
    package let mtu: Int
    /// Whose it is, at the host's end. The corresponding C constant is `IFLA_IFALIAS`.
    package let alias: String
}

extension VethRequirement: RequirementKind {
    var label: String { "veth pair \(name) and \(hostName)" }
}
