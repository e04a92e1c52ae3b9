// SPDX-License-Identifier: Apache-2.0

/// In what the kernel differs from a state, of all that judges packets from one address to another.
package struct FirewallPathCheck: Hashable, Sendable {
    /// What on the way a difference is about, in the order of the way.
    package enum Part: Hashable, Sendable, CaseIterable {
        /// The tables themselves, and their chains that are the same for everybody.
        case base
        /// Whose the source address is.
        case source
        case instanceMetadata
        /// The groups of the source.
        case egress
        /// The subnet's route.
        case route
        /// The groups of the destination.
        case ingress
        /// Whose the destination address is.
        case destination
    }

    /// Without a part: it is as it ought to be.
    package var drift: [Part: [FirewallDrift]] = [:]

    mutating func add(_ part: Part, _ more: [FirewallDrift]) {
        guard !more.isEmpty else { return }
        let known = Set(drift[part] ?? [])
        drift[part, default: []] += more.filter { !known.contains($0) }
    }
}
