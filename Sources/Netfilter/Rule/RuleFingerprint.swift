// SPDX-License-Identifier: Apache-2.0

/// What makes a rule the same rule: whoever remembers fingerprints can tell later whether somebody changed the rules.
package struct RuleFingerprint: Hashable, Sendable {
    /// The kernel's number for the rule: never given twice in a table's life.
    package let handle: UInt64
    /// nft's `comment`
    package let comment: String?
    /// What the rule's `counter` statements have counted, in their order. Counters with a name are not among them.
    package let counters: [Counter]
    /// Of all that the rule does, without what it has counted. The same for the same rule in the same kernel; a rule
    /// with a set of its own (`{ 22, 80 }`) has the name in it that the kernel gave that set.
    package let hash: UInt64
}
