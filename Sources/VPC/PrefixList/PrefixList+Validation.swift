// SPDX-License-Identifier: Apache-2.0
import Addressing

extension PrefixList {
    /// EC2's.
    private static let mostEntries = 1000

    /// Checks the list by itself: id, name, entries.
    package func validate() throws(ValidationFailure) {
        if !ResourceID.isValid(id, prefix: "pl") {
            throw ValidationFailure(
                .parameterValue, "Invalid prefix list id \(id.shortened.debugDescription)",
                detail: "it is \"pl-\" and 8 to 17 hexadecimal digits in lower case")
        }
        if name.isEmpty || !SecurityGroupText.isValid(name) || name.hasPrefix("pl-") {
            throw ValidationFailure(
                .parameterValue, "Invalid prefix list name \(name.shortened.debugDescription)",
                detail: """
                    it is 1 to \(SecurityGroupText.most) \(SecurityGroupText.characters), and does not begin with pl-
                    """)
        }
        if entries.count > Self.mostEntries {
            throw ValidationFailure(
                .parameterValue, "Prefix list \(label) has \(entries.count) entries",
                detail: "at most \(Self.mostEntries) are allowed")
        }
        var seen: Set<String> = []
        for entry in entries {
            if !seen.insert(entry.block.description).inserted {
                throw ValidationFailure(
                    .parameterValue, "Prefix list \(label) has the entry \(entry.block) more than once")
            }
            if let text = entry.entryDescription, !SecurityGroupText.isValid(text) {
                throw ValidationFailure(
                    .parameterValue, "Invalid description of the entry \(entry.block) of prefix list \(label)",
                    detail: SecurityGroupText.rule)
            }
        }
    }

    /// As it stands in messages: `pl-0123456789abcdef0 (office)`.
    package var label: String { "\(id) (\(name))" }
}
