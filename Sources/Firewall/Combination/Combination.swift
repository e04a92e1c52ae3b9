// SPDX-License-Identifier: Apache-2.0
import VPC

/// The security groups that an ENI is in, all of them, with a number for it.
package struct Combination: Hashable, Sendable {
    /// Sorted, each once.
    package let groupIDs: [String]
    /// The link group of the ENIs' host ends. The corresponding C constant is `IFLA_GROUP`.
    package let linkGroup: UInt32

    /// The name of the chain that its ENIs' packets go to.
    func chain(_ direction: SecurityGroupRule.Direction) -> String {
        "combination-\(linkGroup & 0xFFFF)-\(direction.rawValue)"
    }

    var chains: [String] { SecurityGroupRule.Direction.allCases.map(chain) }

    /// The chain's rules: each group's in turn, and what they all have no rule for is dropped.
    func lines(_ direction: SecurityGroupRule.Direction) -> [String] {
        groupIDs.map { "jump \($0)-\(direction.rawValue)" } + ["goto drop-\(direction.rawValue)"]
    }

    /// Its entries in the maps that lead to the chains.
    var elements: [(set: SetName, element: FirewallElement)] {
        [
            (.egress, FirewallElement(.linkGroup(linkGroup), chain: chain(.egress))),
            (.ingress, FirewallElement(.linkGroup(linkGroup), chain: chain(.ingress))),
        ]
    }
}
