// SPDX-License-Identifier: Apache-2.0

/// One thing in which the kernel differs from what it ought to have.
package enum FirewallDrift: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable {
        case table
        case chain
        case set
        case counter
        case rule
    }

    /// It is not there.
    case missing(Kind, String)
    /// It is there, and nobody should have put it there.
    case surplus(Kind, String)
    /// The table was made by another version of this program.
    case otherVersion(table: String)
    /// The chain's rules are others than were put there, or nothing was put there by this daemon yet.
    case rules(chain: String)
    /// As nft writes them, or as the kernel's bytes.
    case elements(set: String, missing: [String], surplus: [String])
    /// The ENI's packets are judged by other groups' rules than its own, or by none.
    case linkGroup(interface: String, found: UInt32, wanted: UInt32)
}

extension FirewallDrift: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing(let kind, let name): "\(kind.rawValue) \(name) is missing"
        case .surplus(let kind, let name): "\(kind.rawValue) \(name) is not ours"
        case .otherVersion(let table): "table \(table) was made by another version"
        case .rules(let chain): "the rules of chain \(chain) were changed"
        case .elements(let set, let missing, let surplus):
            (["set \(set)"] + (missing.isEmpty ? [] : ["lacks \(Self.list(missing))"])
                + (surplus.isEmpty ? [] : ["has \(Self.list(surplus)) that should not be there"]))
                .joined(separator: " ")
        case .linkGroup(let interface, let found, let wanted):
            "link \(interface) is in group 0x\(String(found, radix: 16)) in the place of 0x\(String(wanted, radix: 16))"
        }
    }

    private static func list(_ elements: [String]) -> String {
        let more = elements.count > 5 ? " and \(elements.count - 5) more" : ""
        return elements.prefix(5).joined(separator: ", ") + more
    }
}
