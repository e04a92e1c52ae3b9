// SPDX-License-Identifier: Apache-2.0

/// A chain of rules. What names are here is what the kernel told, of anybody's tables: any text.
package struct Chain: Hashable, Sendable {
    package let table: TableID
    package let name: String
    /// nil for a chain that is only jumped to.
    package let base: Base?

    /// How a chain is called by the kernel.
    package struct Base: Hashable, Sendable {
        /// "filter", "nat" or "route"
        package let type: String
        package let hook: Hook
        /// The lower, the earlier.
        package let priority: Int32
        package let policy: Policy
        /// The links that it is for, in the families and hooks that have such.
        package let devices: [String]
    }

    /// What becomes of a packet that no rule decided on.
    package enum Policy: String, Hashable, Sendable {
        case accept
        case drop
    }
}
