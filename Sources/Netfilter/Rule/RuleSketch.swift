// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// What a rule asks of a packet and does with it, as far as that is about where packets come from and go to: for whoever
/// wants to know whether somebody else's rules let something pass.
package struct RuleSketch: Hashable, Sendable {
    package enum Condition: Hashable, Sendable {
        case input(LinkPattern, isNegated: Bool)
        case output(LinkPattern, isNegated: Bool)
        case source(CIDRBlock, isNegated: Bool)
        case destination(CIDRBlock, isNegated: Bool)
        case family(IPFamily, isNegated: Bool)
        /// Something about the connection that the packet is of: mostly that it is there already.
        case connection
        /// Anything else.
        case other
    }

    package enum Verdict: Hashable, Sendable {
        case accept
        /// Also with an answer (`reject`).
        case drop
        case jump(String)
        case goto(String)
        case `return`
    }

    package var conditions: [Condition]
    /// nil for a rule that decides nothing, or nothing that is known here.
    package var verdict: Verdict?

    package init(_ conditions: [Condition], _ verdict: Verdict?) {
        self.conditions = conditions
        self.verdict = verdict
    }
}

/// A link's name or, as iptables has it with a "+" and nft with a "*", how it begins.
package enum LinkPattern: Hashable, Sendable {
    case name(String)
    case prefix(String)

    package func matches(_ name: String) -> Bool {
        switch self {
        case .name(let text): name == text
        case .prefix(let text): name.utf8.starts(with: text.utf8)
        }
    }
}
