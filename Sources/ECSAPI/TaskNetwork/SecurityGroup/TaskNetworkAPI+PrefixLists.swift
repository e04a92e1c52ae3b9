// SPDX-License-Identifier: Apache-2.0
import Addressing
package import VPC

/// A prefix list as EC2 describes it, with its entries.
package struct PrefixListDescription: Hashable, Sendable, Codable {
    package struct Entry: Hashable, Sendable, Codable {
        package var cidr: String
        package var description: String?

        package init(_ entry: PrefixList.Entry) {
            cidr = entry.block.description
            description = entry.entryDescription
        }

        private enum CodingKeys: String, CodingKey {
            case cidr = "Cidr"
            case description = "Description"
        }
    }

    package var prefixListId: String
    package var prefixListName: String
    /// `IPv4` or `IPv6`; missing for a list with both, which EC2 does not have.
    package var addressFamily: String?
    package var state = "create-complete"
    package var maxEntries: Int
    package var ownerId: String?
    /// What EC2 has an operation of its own for (`GetManagedPrefixListEntries`).
    package var entries: [Entry]

    package init(_ list: PrefixList, accountID: String? = nil) {
        prefixListId = list.id
        prefixListName = list.name
        let families = Set(list.entries.map(\.block.family))
        addressFamily = families.count == 1 ? families.first?.rawValue : nil
        maxEntries = list.entries.count
        ownerId = accountID
        entries = list.entries.map { Entry($0) }
    }

    private enum CodingKeys: String, CodingKey {
        case prefixListId = "PrefixListId"
        case prefixListName = "PrefixListName"
        case addressFamily = "AddressFamily"
        case state = "State"
        case maxEntries = "MaxEntries"
        case ownerId = "OwnerId"
        case entries = "Entries"
    }
}

extension TaskNetworkAPI {
    package enum DescribeManagedPrefixLists: APIOperation {
        package static let target = "\(APITarget.taskNetwork).DescribeManagedPrefixLists"

        package struct Input: Hashable, Sendable, Codable {
            /// Ids or names; one that is not there is an error; nil means all.
            package var prefixListIds: [String]?
            package var filters: [EC2Filter]?

            package init(prefixListIds: [String]? = nil, filters: [EC2Filter]? = nil) {
                self.prefixListIds = prefixListIds
                self.filters = filters
            }

            /// The lists that are asked for, in the order in which they are known.
            package func select(in references: SecurityGroupReferences) throws(ValidationFailure) -> [PrefixList] {
                let filters = filters ?? []
                try filters.validate(["prefix-list-id", "prefix-list-name"])
                var wanted: Set<String> = []
                for text in prefixListIds ?? [] { wanted.insert(try references.prefixList(named: text).id) }
                return references.prefixLists.filter { list in
                    (wanted.isEmpty || wanted.contains(list.id))
                        && filters.fit(["prefix-list-id": list.id, "prefix-list-name": list.name])
                }
            }

            private enum CodingKeys: String, CodingKey, CaseIterable {
                case prefixListIds = "PrefixListIds"
                case filters = "Filters"
            }

            package init(from decoder: any Decoder) throws {
                let members = try EC2Members(request: decoder, CodingKeys.self)
                self.init(
                    prefixListIds: try members.optional("PrefixListIds"), filters: try members.optional("Filters"))
            }
        }

        package struct Output: Hashable, Sendable, Codable {
            package var prefixLists: [PrefixListDescription]?

            package init(prefixLists: [PrefixListDescription]) { self.prefixLists = prefixLists }

            private enum CodingKeys: String, CodingKey {
                case prefixLists = "PrefixLists"
            }
        }
    }
}
