// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// Which routing table is looked into for which packets.
package struct Rule: Hashable, Sendable, CustomStringConvertible {
    package var family: IPFamily
    /// Rules are gone through from the lowest. nil is the kernel's choice: before the lowest that is not 0.
    package var priority: UInt32?
    package var source: CIDRBlock?
    package var destination: CIDRBlock?
    /// The link that a packet came in by: its name, which need not be there yet. "lo" is our own packets.
    package var incomingInterface: String?
    /// The link that a socket is bound to.
    package var outgoingInterface: String?
    package var mark: Mark?
    package var action: Action
    package var ruleProtocol: RouteProtocol

    package init(
        _ family: IPFamily, action: Action, priority: UInt32? = nil, source: CIDRBlock? = nil,
        destination: CIDRBlock? = nil, incomingInterface: String? = nil, outgoingInterface: String? = nil,
        mark: Mark? = nil, ruleProtocol: RouteProtocol = .static
    ) {
        self.family = family
        self.action = action
        self.priority = priority
        self.source = source
        self.destination = destination
        self.incomingInterface = incomingInterface
        self.outgoingInterface = outgoingInterface
        self.mark = mark
        self.ruleProtocol = ruleProtocol
    }

    /// As ip(8) writes it.
    package var description: String {
        var words = ["from \(source.map { "\($0)" } ?? "all")"]
        if let destination { words.append("to \(destination)") }
        if let mark { words.append("fwmark 0x\(String(mark.value, radix: 16))/0x\(String(mark.mask, radix: 16))") }
        if let incomingInterface { words.append("iif \(incomingInterface)") }
        if let outgoingInterface { words.append("oif \(outgoingInterface)") }
        words.append("\(action)")
        if let priority { words.append("priority \(priority)") }
        return words.joined(separator: " ")
    }

    /// A packet's mark, and which bits of it count.
    package struct Mark: Hashable, Sendable {
        package var value: UInt32
        package var mask: UInt32

        package init(_ value: UInt32, mask: UInt32 = .max) {
            self.value = value
            self.mask = mask
        }
    }

    /// What a rule does. The corresponding C constants are `FR_ACT_*`.
    package enum Action: Hashable, Sendable, CustomStringConvertible {
        case lookUp(Table)
        case blackhole
        case unreachable
        case prohibit

        package var description: String {
            switch self {
            case .lookUp(let table): "lookup \(table.rawValue)"
            case .blackhole: "blackhole"
            case .unreachable: "unreachable"
            case .prohibit: "prohibit"
            }
        }
    }
}
