// SPDX-License-Identifier: Apache-2.0
import VPC

/// What keeps a state from being put into the kernel's words.
package enum FirewallError: Error, Hashable, Sendable {
    /// Not `prefix`, a hyphen and 8 to 17 hexadecimal digits.
    case id(String, prefix: String)
    /// The name of an interface that rules cannot name.
    case name(String, of: String)
    /// A port, type or code that is none.
    case ports(rule: String)
    case unknownGroup(String, of: String)
    case tooManyCombinations(Int)
    /// Something is to be changed before all of it was applied.
    case notApplied
    /// Somebody has taken it away.
    case missingTable(String)
}

extension FirewallError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .id(let id, let prefix):
            "'\(id.shortened)' is not '\(prefix)-' and 8 to 17 hexadecimal digits in lower case"
        case .name(let name, let owner):
            "\(owner) has an interface '\(name.shortened)', whose name the packet filter cannot work with: rename it"
        case .ports(let rule): "the security group rule \(rule) has ports, or a type or code, that do not exist"
        case .unknownGroup(let group, let owner): "\(owner) is in the security group \(group), which does not exist"
        case .tooManyCombinations(let count):
            "network interfaces are in more than \(count) different combinations of security groups: use fewer"
        case .missingTable(let table): "the packet filter has no table \(table) any more: nothing is enforced"
        case .notApplied: "the packet filter is changed before it was set up: apply the whole state first"
        }
    }
}
