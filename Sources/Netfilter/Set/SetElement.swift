// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// One element of a set or map.
package struct SetElement: Hashable, Sendable {
    /// What keys an element stands for.
    package enum Extent: Hashable, Sendable {
        case key(SetKey)
        /// All from one key to another, which is the last one, in a set of one field with nft's `flags interval`.
        /// Single addresses too are ranges there. Compared are the bytes, so only for fields in network order.
        ///
        /// Those of one set must not overlap (`SetElement.covering`). The kernel refuses it, but for one that goes to
        /// the last key of all (as 0.0.0.0/0 does) and is added to others: that one would end where the others begin.
        case range(SetKey, through: SetKey)
        /// Each field from one key's to the other's, in a concatenation with `flags interval`. All elements there are
        /// boxes.
        case box(SetKey, through: SetKey)
    }

    /// What a map has for a key.
    package enum Value: Hashable, Sendable {
        case verdict(MapVerdict)
        /// The bytes of a map like `ipv4_addr : mark`.
        case data(SetKey)
        /// The name of an object, in a map to counters, quotas, ...
        case object(String)
    }

    package var extent: Extent
    /// nil in a set.
    package var value: Value?
    /// What a set with nft's `counter` has counted for this element; only in what is read.
    package var counter: Counter?

    package init(_ extent: Extent, value: Value? = nil) {
        self.extent = extent
        self.value = value
    }

    package init(_ key: SetKey, _ verdict: MapVerdict? = nil) {
        self.init(.key(key), value: verdict.map(Value.verdict))
    }

    /// All addresses of a block, in an interval set.
    package init(_ block: CIDRBlock, _ verdict: MapVerdict? = nil) {
        self.init(
            .range(SetKey(block.firstAddress), through: SetKey(block.lastAddress)), value: verdict.map(Value.verdict))
    }
}

extension SetElement {
    /// The element's first key.
    package var key: SetKey {
        switch extent {
        case .key(let key), .range(let key, through: _), .box(let key, through: _): key
        }
    }

    /// Where a verdict map's element sends packets to.
    package var chain: String? {
        if case .verdict(let verdict) = value { verdict.chain } else { nil }
    }
}

extension SetElement {
    /// The fewest elements of an interval set for all addresses of some blocks: those in larger ones are left out.
    package static func covering(_ blocks: some Sequence<CIDRBlock>) -> [SetElement] {
        var kept: [CIDRBlock] = []
        for block in blocks.sorted(by: { ($0.network, $0.prefixLength) < ($1.network, $1.prefixLength) }) {
            if kept.last?.contains(block) != true { kept.append(block) }
        }
        return kept.map { SetElement($0) }
    }
}

extension SetElement: CustomStringConvertible {
    package var description: String {
        let keys =
            switch extent {
            case .key(let key): "\(key)"
            case .range(let first, through: let last), .box(let first, through: let last): "\(first)-\(last)"
            }
        return switch value {
        case nil: keys
        case .verdict(let verdict): "\(keys) : \(verdict)"
        case .data(let data): "\(keys) : \(data)"
        case .object(let name): "\(keys) : \(name)"
        }
    }
}
