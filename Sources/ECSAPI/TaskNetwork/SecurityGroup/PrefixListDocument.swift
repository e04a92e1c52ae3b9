// SPDX-License-Identifier: Apache-2.0
import Addressing
package import VPC

/// A prefix list as a configuration has it: what EC2 prints of one with its entries, the first letters small or not.
package struct PrefixListDocument: Hashable, Sendable, Decodable {
    package struct Entry: Hashable, Sendable, Decodable {
        package var cidr: String?
        package var description: String?

        package init(from decoder: any Decoder) throws {
            let members = try EC2Members(decoder, ["Cidr", "Description"])
            cidr = try members.text("Cidr")
            description = try members.text("Description")
        }

        /// As for rules, host bits are cleared.
        package func entry() throws(ValidationFailure) -> PrefixList.Entry {
            let text = cidr ?? ""
            do throws(AddressError) {
                if let block = try InterfaceAddress(parsing: text).network {
                    return PrefixList.Entry(block: block, entryDescription: description)
                }
            } catch {
                throw ValidationFailure(
                    .parameterValue, "CIDR block '\(text.shortened)' is malformed", detail: "Cidr: \(error.reason)")
            }
            throw ValidationFailure(
                .parameterValue, "CIDR block '\(text.shortened)' is malformed",
                detail: "Cidr is a block such as 10.0.0.0/8")
        }
    }

    /// nil derives one from the name.
    package var id: String?
    package var name: String?
    package var entries: [Entry]

    package init(from decoder: any Decoder) throws {
        let members = try EC2Members(
            decoder, ["Id", "Name", "Entries"],
            others: [
                "PrefixListId", "PrefixListName", "AddressFamily", "State", "MaxEntries", "OwnerId", "PrefixListArn",
                "Tags", "Version",
            ])
        id = try members.text("Id", or: "PrefixListId")
        name = try members.text("Name", or: "PrefixListName")
        entries = try members.list("Entries")
    }
}
