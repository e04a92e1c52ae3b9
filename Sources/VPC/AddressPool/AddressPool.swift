// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// Which addresses of one block of a subnet are in use, and which comes next.
///
/// Addresses are handed out in turn: one that was given back is not handed out again before all others that are free, so
/// that nobody who still remembers its last owner talks to the next one. Costs memory for the addresses in use, and for
/// those that were given back last.
package struct AddressPool: Sendable {
    package let subnetID: String
    package let block: CIDRBlock
    /// Offsets in the block that are in use; never a reserved one.
    private var taken: Set<UInt128> = []
    /// The offset to try next.
    private var cursor = Subnet.firstUsableOffset
    /// Offsets that were given back, with when: those wait until there is no other.
    private var resting: [UInt128: Int] = [:]
    /// The same in their order, with some that do not rest any more.
    private var order: [(offset: UInt128, turn: Int)] = []
    /// Where in `order` those begin that may still rest.
    private var head = 0
    private var turn = 0
    private let lastOffset: UInt128
    private let subnet: Subnet

    /// nil when the subnet has no block of this family.
    package init?(_ family: IPFamily, of subnet: Subnet) {
        guard let block = subnet.cidrBlock(family) else { return nil }
        self.subnet = subnet
        self.block = block
        subnetID = subnet.id
        switch block {
        case .v4(let block): lastOffset = UInt128(block.count - 1)
        case .v6(let block): lastOffset = block.lastOffset
        }
    }

    private var usableCount: UInt128 {
        lastOffset > Subnet.firstUsableOffset ? lastOffset - Subnet.firstUsableOffset : 0
    }

    /// How many addresses can still be handed out; 2^64-1 stands for that many or more.
    package var freeCount: UInt64 { UInt64(clamping: usableCount - UInt128(taken.count)) }

    /// How many addresses rest at most. Of a larger subnet those that were given back before are in their turn again.
    package static let maximumResting = 1024

    /// The addresses in use, in no order.
    package var allocated: [IPAddress] { taken.compactMap(address(at:)) }

    /// The address that comes next; nil when none is free.
    package var next: IPAddress? { (nextUntouched ?? longestResting).flatMap(address(at:)) }

    /// Takes the next free address.
    ///
    /// - Throws: `AddressPoolError` of the kind `.full`.
    package mutating func allocate() throws(AddressPoolError) -> IPAddress {
        guard let offset = nextUntouched ?? longestResting, let address = address(at: offset) else {
            throw failure(.full(block.family))
        }
        if resting[offset] == nil { cursor = successor(of: offset) }
        taken.insert(offset)
        restNoMore(offset)
        return address
    }

    /// The next one that is free and does not rest.
    private var nextUntouched: UInt128? {
        guard UInt128(taken.count + resting.count) < usableCount else { return nil }
        var offset = cursor
        while taken.contains(offset) || resting[offset] != nil { offset = successor(of: offset) }
        return offset
    }

    private var longestResting: UInt128? { order[head...].first { resting[$0.offset] == $0.turn }?.offset }

    private mutating func restNoMore(_ offset: UInt128) {
        guard resting.removeValue(forKey: offset) != nil else { return }
        while head < order.count, resting[order[head].offset] != order[head].turn { head += 1 }
    }

    /// Takes this address.
    ///
    /// - Throws: `AddressPoolError` of the kind `.taken`, `.reserved` or `.outside`.
    package mutating func allocate(_ address: IPAddress) throws(AddressPoolError) {
        guard let offset = offset(of: address) else { throw failure(.outside(address, block)) }
        if let purpose = subnet.reservedPurpose(of: address) { throw failure(.reserved(address, purpose)) }
        if !taken.insert(offset).inserted { throw failure(.taken(address)) }
        restNoMore(offset)
    }

    /// Gives an address back.
    ///
    /// - Returns: Whether it was in use.
    @discardableResult
    package mutating func release(_ address: IPAddress) -> Bool {
        guard let offset = offset(of: address), taken.remove(offset) != nil else { return false }
        rest(offset)
        return true
    }

    /// Has an address wait that was given back before a restart; the one that was given back first comes first.
    package mutating func rest(_ address: IPAddress) {
        guard let offset = offset(of: address), subnet.reservedPurpose(of: address) == nil, !taken.contains(offset)
        else { return }
        rest(offset)
    }

    private mutating func rest(_ offset: UInt128) {
        turn += 1
        resting[offset] = turn
        order.append((offset, turn))
        while resting.count > Self.maximumResting, let offset = longestResting { restNoMore(offset) }
        guard head > Self.maximumResting || order.count - head > 2 * Self.maximumResting else { return }
        // Those before the head, and those that were taken or given back again since.
        order = order[head...].filter { resting[$0.offset] == $0.turn }
        head = 0
    }

    /// Goes on behind `address`, the last one that was handed out before a restart, so that addresses which were given
    /// back shortly before it still wait for their turn.
    package mutating func resume(after address: IPAddress) {
        guard let offset = offset(of: address), subnet.reservedPurpose(of: address) == nil else { return }
        cursor = successor(of: offset)
    }

    private func successor(of offset: UInt128) -> UInt128 {
        offset + 1 < lastOffset ? offset + 1 : Subnet.firstUsableOffset
    }

    private func offset(of address: IPAddress) -> UInt128? {
        switch (block, address) {
        case (.v4(let block), .v4(let address)): block.offset(of: address).map { UInt128($0) }
        case (.v6(let block), .v6(let address)): block.offset(of: address)
        default: nil
        }
    }

    private func address(at offset: UInt128) -> IPAddress? {
        switch block {
        case .v4(let block): block.address(at: UInt64(clamping: offset)).map(IPAddress.v4)
        case .v6(let block): block.address(at: offset).map(IPAddress.v6)
        }
    }

    private func failure(_ kind: AddressPoolError.Kind) -> AddressPoolError {
        AddressPoolError(subnetID: subnetID, subnetName: subnet.name, kind: kind)
    }
}
