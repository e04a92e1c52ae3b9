// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// Blocks under one name, that rules of security groups refer to.
package struct PrefixList: Hashable, Sendable, Codable {
    package struct Entry: Hashable, Sendable, Codable {
        package var block: CIDRBlock
        package var entryDescription: String?

        package init(block: CIDRBlock, entryDescription: String? = nil) {
            self.block = block
            self.entryDescription = entryDescription
        }
    }

    /// `pl-` and 8 to 17 hexadecimal digits.
    package var id: String
    package var name: String
    package var entries: [Entry]

    package init(id: String, name: String, entries: [Entry]) {
        self.id = id
        self.name = name
        self.entries = entries
    }
}

extension [PrefixList] {
    /// The list with this id or, where there is none, with this name.
    package func named(_ text: String) -> PrefixList? {
        first { $0.id == text } ?? first { $0.name == text }
    }
}
