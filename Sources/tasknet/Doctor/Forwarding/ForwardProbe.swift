// SPDX-License-Identifier: Apache-2.0

import Addressing
import Netfilter

/// A packet that is to go through the host, as far as rules about its way can tell it from others.
struct ForwardProbe: Hashable, Sendable {
    /// For people: "what tasks send to the outside".
    var name: String
    var input: String
    var output: String
    var source: IPAddress
    var destination: IPAddress
    /// Of a connection that is there already.
    var isAnswer = false

    func meets(_ rule: RuleSketch) -> Bool {
        rule.conditions.allSatisfy { condition in
            switch condition {
            case .input(let pattern, let isNegated): pattern.matches(input) != isNegated
            case .output(let pattern, let isNegated): pattern.matches(output) != isNegated
            case .source(let block, let isNegated): block.contains(source) != isNegated
            case .destination(let block, let isNegated): block.contains(destination) != isNegated
            case .family(let family, let isNegated): (family == source.family) != isNegated
            // Rules that drop by it are about connections in a bad state.
            case .connection: isAnswer && rule.verdict == .accept
            case .other: false
            }
        }
    }

    /// What tasks cannot be without: to each other, to the outside, and the answers from there.
    ///
    /// - Parameters:
    ///   - address: one of a task's.
    ///   - uplink: the link to the outside.
    static func all(_ address: IPAddress, uplink: String) -> [ForwardProbe] {
        let world: IPAddress =
            switch address.family {
            case .v4: .v4(IPv4Address(rawValue: 0x0101_0101))
            case .v6: .v6(IPv6Address(high: 0x2606_4700_4700_0000, low: 0x1111))
            }
        let task = "tn-0123456789ab"
        return [
            ForwardProbe(
                name: "what tasks send to each other", input: task, output: "tn-ba9876543210", source: address,
                destination: address),
            ForwardProbe(
                name: "what tasks send to the outside", input: task, output: uplink, source: address,
                destination: world),
            ForwardProbe(
                name: "the answers to it", input: uplink, output: task, source: world, destination: address,
                isAnswer: true),
        ]
    }
}
