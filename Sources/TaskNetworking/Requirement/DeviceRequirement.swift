// SPDX-License-Identifier: Apache-2.0

/// A link of the host's is in the task's namespace, under a new name.
package struct DeviceRequirement: Hashable, Sendable, Codable {
    package let name: InterfaceName
    package let mtu: Int
    /// As it was before, to be given back like that.
    package let original: HostDevice
}

extension DeviceRequirement: RequirementKind {
    var label: String { "device \(original.name) as \(name)" }
}
