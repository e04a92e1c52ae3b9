// SPDX-License-Identifier: Apache-2.0

/// The host forwards IPv6: needed as a whole where the kernel cannot do it for single links (before Linux 6.17).
package struct IPv6ForwardingRequirement: Hashable, Sendable, Codable {
    package init() {}
}

extension IPv6ForwardingRequirement: RequirementKind {
    var label: String { "IPv6 forwarding" }
}
