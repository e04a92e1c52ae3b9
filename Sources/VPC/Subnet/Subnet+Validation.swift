// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// Why a subnet cannot be used; names the subnet and the mend.
package struct SubnetError: Error, Hashable, Sendable, CustomStringConvertible {
    package let subnet: String
    package let reason: String

    package var description: String { "subnet \(subnet): \(reason)" }
}

extension Subnet {
    /// The smallest blocks: AWS's /28 for IPv4 and as many addresses for IPv6.
    private static let longestPrefixIPv4 = 28
    private static let longestPrefixIPv6 = 124

    /// Checks that the subnet has a usable id, name and at least one usable block.
    package func validate() throws(SubnetError) {
        for (text, what) in [(id, "id"), (name, "name")] {
            guard (1...64).contains(text.utf8.count), text.utf8.allSatisfy(Self.isNameByte) else {
                throw SubnetError(
                    subnet: String(name.prefix(64)).debugDescription,
                    reason: "the \(what) must be 1 to 64 letters, digits, hyphens, underscores or dots")
            }
        }
        if cidrBlocks.isEmpty {
            throw SubnetError(subnet: name, reason: "it has no CIDR block; give it an IPv4 or an IPv6 block, or both")
        }
        for block in cidrBlocks { try validate(block) }
    }

    private func validate(_ block: CIDRBlock) throws(SubnetError) {
        let longest = block.family == .v4 ? Self.longestPrefixIPv4 : Self.longestPrefixIPv6
        if block.prefixLength > longest {
            throw SubnetError(
                subnet: name,
                reason: """
                    the block \(block) is too small, because its first four addresses and its last one are reserved; \
                    the smallest is a /\(longest)
                    """)
        }
        if let unusable = Self.unusableBlock(overlapping: block) {
            throw SubnetError(
                subnet: name, reason: "the block \(block) overlaps \(unusable.block) (\(unusable.purpose)); use another"
            )
        }
    }

    /// Checks that each block of the subnet lies in one of the VPC's; a VPC that names none of a family has its subnets'
    /// own.
    package func validate(inside blocks: [CIDRBlock]) throws(SubnetError) {
        for block in cidrBlocks {
            let blocks = blocks.filter { $0.family == block.family }
            if blocks.isEmpty || blocks.contains(where: { $0.contains(block) }) { continue }
            throw SubnetError(
                subnet: name,
                reason: """
                    its block \(block) is not in the VPC, which has \(blocks.map(\.description).joined(separator: ", ")); \
                    use a part of these, or give the VPC another block
                    """)
        }
    }

    /// Where no block of a VPC can be, and what is there.
    static func unusableBlock(overlapping block: CIDRBlock) -> (block: CIDRBlock, purpose: String)? {
        unusableBlocks.first { $0.block.overlaps(block) }
    }

    /// The first two subnets that have an address in common, with the blocks.
    package static func validateDisjoint(_ subnets: [Subnet]) throws(SubnetError) {
        var seen: [(name: String, id: String, block: CIDRBlock)] = []
        for subnet in subnets {
            for other in seen where other.id == subnet.id || other.name == subnet.name {
                throw SubnetError(
                    subnet: subnet.name, reason: "another subnet has the same name or id (\(subnet.id)); rename one")
            }
            for block in subnet.cidrBlocks {
                for other in seen where other.block.overlaps(block) {
                    throw SubnetError(
                        subnet: subnet.name,
                        reason: "its block \(block) overlaps the block \(other.block) of subnet \(other.name)")
                }
            }
            seen += subnet.cidrBlocks.map { (subnet.name, subnet.id, $0) }
        }
    }

    /// Where no task can have its address: these mean something else on every host.
    private static let unusableBlocks: [(block: CIDRBlock, purpose: String)] = [
        ("0.0.0.0/8", "this network"), ("127.0.0.0/8", "loopback"), ("169.254.0.0/16", "link-local"),
        ("224.0.0.0/3", "multicast and reserved"), ("::/96", "loopback and unspecified"),
        ("::ffff:0:0/96", "IPv4-mapped"), ("fe80::/10", "link-local"), ("ff00::/8", "multicast"),
    ].compactMap { text, purpose in CIDRBlock(text).map { ($0, purpose) } }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
            true
        default: false
        }
    }
}
