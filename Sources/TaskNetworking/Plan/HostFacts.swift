// SPDX-License-Identifier: Apache-2.0

/// What a plan depends on that is the host's: read once (`TaskNetwork.hostFacts()`), so that the planner is pure.
package struct HostFacts: Hashable, Sendable, Codable {
    /// The MTU, in bytes, of the link that the host's default route leaves by; nil where it has none.
    package var uplinkMTU: Int?
    /// Whether IPv6 forwarding can be switched on for a single link (`force_forwarding`, Linux 6.17). Elsewhere it is
    /// all of the host or nothing.
    package var forwardsIPv6PerLink: Bool
    /// Whether the kernel has IPv6, and it is not switched off.
    package var hasIPv6: Bool
    /// Whether the kernel knows IPv6 at all: links have settings for it, also where it is switched off.
    package var knowsIPv6: Bool

    package init(
        uplinkMTU: Int? = nil, forwardsIPv6PerLink: Bool = false, hasIPv6: Bool = true, knowsIPv6: Bool? = nil
    ) {
        self.uplinkMTU = uplinkMTU
        self.forwardsIPv6PerLink = forwardsIPv6PerLink
        self.hasIPv6 = hasIPv6
        self.knowsIPv6 = knowsIPv6 ?? hasIPv6
    }

    /// What Ethernet has where nobody says otherwise.
    package static let defaultMTU = 1500
}
