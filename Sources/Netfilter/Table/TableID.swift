// SPDX-License-Identifier: Apache-2.0

/// Which table: `inet tasknet`.
package struct TableID: Hashable, Sendable, CustomStringConvertible {
    package let family: TableFamily
    package let name: String

    package init(_ family: TableFamily, _ name: String) {
        self.family = family
        self.name = name
    }

    package var description: String { "\(family) \(name)" }
}
