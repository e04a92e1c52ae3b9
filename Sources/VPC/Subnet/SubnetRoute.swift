// SPDX-License-Identifier: Apache-2.0

/// Where what is not for the VPC goes: the subnet's route table, in a word.
package enum SubnetRoute: String, Hashable, Sendable, Codable, CaseIterable {
    /// By a NAT gateway, which is the host: tasks reach the outside with the host's address, and nothing outside begins a
    /// connection to them.
    case nat
    /// Nowhere.
    case none
    /// As it is: whoever is outside has a route to the subnet by this host.
    case `public`
}
