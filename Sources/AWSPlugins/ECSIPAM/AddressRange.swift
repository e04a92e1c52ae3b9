// SPDX-License-Identifier: Apache-2.0
import Addressing

/// The addresses of a subnet that can be given out, as numbers.
struct AddressRange: Hashable {
    let subnet: CIDRBlock
    let first: UInt128
    let last: UInt128

    /// Shorter than this are the prefixes that leave an address beside the reserved ones and the gateway.
    static func longestPrefix(_ family: IPFamily) -> Int { family == .v4 ? 30 : 126 }

    init(_ subnet: CIDRBlock) {
        self.subnet = subnet
        first = Self.number(subnet.firstAddress) + 1
        // IPv6 has no broadcast address.
        last = Self.number(subnet.lastAddress) - (subnet.family == .v4 ? 1 : 0)
    }

    /// By default the gateway is the first.
    var gateway: IPAddress { address(first) }

    func contains(_ address: IPAddress) -> Bool {
        address.family == subnet.family && (first...last).contains(Self.number(address))
    }

    func address(_ number: UInt128) -> IPAddress {
        subnet.family == .v4
            ? .v4(IPv4Address(rawValue: UInt32(truncatingIfNeeded: number))) : .v6(IPv6Address(rawValue: number))
    }

    static func number(_ address: IPAddress) -> UInt128 {
        address.bytes.reduce(0) { $0 << 8 | UInt128($1) }
    }

    /// The first number in a part of the range that is not among `taken`, which are in ascending order.
    static func firstFree(in part: ClosedRange<UInt128>, taken: some Sequence<UInt128>) -> UInt128? {
        var candidate = part.lowerBound
        for number in taken where number >= candidate {
            if number > candidate { break }
            guard candidate < part.upperBound else { return nil }
            candidate += 1
        }
        return candidate
    }
}
