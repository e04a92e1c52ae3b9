// SPDX-License-Identifier: Apache-2.0
import Addressing
import Netfilter

/// Addresses that follow each other, of one family, as numbers.
struct AddressRange: Hashable, Sendable {
    var first: UInt128
    var last: UInt128

    init(_ block: CIDRBlock) {
        first = Self.number(block.firstAddress.bytes)
        last = Self.number(block.lastAddress.bytes)
    }

    /// nil for what is no range.
    init?(_ element: SetElement) {
        guard case .range(let first, through: let last) = element.extent else { return nil }
        self.first = Self.number(first.bytes)
        self.last = Self.number(last.bytes)
    }

    private static func number(_ bytes: [UInt8]) -> UInt128 { bytes.reduce(0) { $0 << 8 | UInt128($1) } }

    /// `10.0.0.0-10.0.0.255`, or one address.
    func text(_ family: IPFamily) -> String {
        let (first, last) = (Self.address(first, family), Self.address(last, family))
        return first == last ? "\(first)" : "\(first)-\(last)"
    }

    private static func address(_ number: UInt128, _ family: IPFamily) -> IPAddress {
        switch family {
        case .v4: .v4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: number)))
        case .v6: .v6(IPv6Address(rawValue: number))
        }
    }

    /// Sorted, with those that touch made one: the same addresses are the same ranges.
    static func joined(_ ranges: [AddressRange]) -> [AddressRange] {
        var joined: [AddressRange] = []
        for range in ranges.sorted(by: { $0.first < $1.first }) {
            guard let before = joined.last, before.last == .max || range.first <= before.last + 1 else {
                joined.append(range)
                continue
            }
            joined[joined.count - 1].last = max(before.last, range.last)
        }
        return joined
    }

    static func joined(_ blocks: [CIDRBlock]) -> [AddressRange] { joined(blocks.map { AddressRange($0) }) }
}
