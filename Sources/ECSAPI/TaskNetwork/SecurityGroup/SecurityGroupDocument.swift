// SPDX-License-Identifier: Apache-2.0
import Addressing
package import VPC

/// A security group as a configuration has it: EC2's members, the first letter small or not.
package struct SecurityGroupDocument: Hashable, Sendable, Decodable {
    /// nil derives one from the name.
    package var id: String?
    package var name: String
    package var description: String?
    /// nil: none; for `default`, all from its own members.
    package var ipPermissions: [IpPermission]?
    /// nil: to anyone, as EC2's new groups; an empty list: to nobody.
    package var ipPermissionsEgress: [IpPermission]?

    package init(
        id: String? = nil, name: String, description: String? = nil, ipPermissions: [IpPermission]? = nil,
        ipPermissionsEgress: [IpPermission]? = nil
    ) {
        self.id = id
        self.name = name
        self.description = description
        self.ipPermissions = ipPermissions
        self.ipPermissionsEgress = ipPermissionsEgress
    }

    package init(from decoder: any Decoder) throws {
        let members = try EC2Members(
            decoder, ["Id", "Name", "Description", "IpPermissions", "IpPermissionsEgress"],
            ignored: ["GroupId", "GroupName"])
        self.init(
            id: try members.optional("Id") ?? members.optional("GroupId"),
            name: try members.text("Name") ?? members.text("GroupName") ?? "",
            description: try members.text("Description"), ipPermissions: try members.optional("IpPermissions"),
            ipPermissionsEgress: try members.optional("IpPermissionsEgress"))
    }

    /// The groups that documents describe, and the `default` group, which there always is.
    ///
    /// - Parameter others: Groups of elsewhere that rules can name too.
    /// - Throws: `ValidationFailure` that names the group.
    package static func securityGroups(
        _ documents: [SecurityGroupDocument], prefixLists: [PrefixList], vpcID: String, others: [SecurityGroup] = []
    ) throws(ValidationFailure) -> [SecurityGroup] {
        var groups = documents.map { $0.bareGroup(vpcID: vpcID) }
        let hasDefault = groups.contains { $0.name == SecurityGroup.defaultName }
        let implied = hasDefault ? [] : [SecurityGroup.default(vpcID: vpcID)]
        // By their names, which are all that there is before there are rules.
        let references = SecurityGroupReferences(securityGroups: implied + groups + others, prefixLists: prefixLists)
        for (index, document) in documents.enumerated() {
            let id = groups[index].id
            do throws(ValidationFailure) {
                groups[index].rules = try document.rules(groupID: id, references)
            } catch {
                throw ValidationFailure(
                    error.kind, "security group \(document.name.shortened): \(error.message)", detail: error.detail)
            }
        }
        return implied + groups
    }

    private func bareGroup(vpcID: String) -> SecurityGroup {
        SecurityGroup(
            id: id ?? ResourceID.derived("sg", from: "\(vpcID)/\(name)"), name: name,
            groupDescription: description ?? (name == SecurityGroup.defaultName ? "default VPC security group" : name),
            vpcID: vpcID)
    }

    private func rules(
        groupID: String, _ references: SecurityGroupReferences
    ) throws(ValidationFailure) -> [SecurityGroupRule] {
        var rules: [SecurityGroupRule] = []
        if let ipPermissions {
            for permission in ipPermissions {
                rules += try permission.rules(.ingress, groupID: groupID, references: references)
            }
        } else if name == SecurityGroup.defaultName {
            rules.append(
                SecurityGroupRule(groupID: groupID, direction: .ingress, ipProtocol: .all, peer: .group(groupID)))
        }
        guard let ipPermissionsEgress else { return rules + SecurityGroup.defaultEgressRules(groupID: groupID) }
        for permission in ipPermissionsEgress {
            rules += try permission.rules(.egress, groupID: groupID, references: references)
        }
        return rules
    }
}

/// A prefix list as a configuration has it.
package struct PrefixListDocument: Hashable, Sendable, Decodable {
    package struct Entry: Hashable, Sendable, Decodable {
        package var cidr: String?
        package var description: String?

        package init(cidr: String?, description: String? = nil) {
            self.cidr = cidr
            self.description = description
        }

        package init(from decoder: any Decoder) throws {
            let members = try EC2Members(decoder, ["Cidr", "Description"])
            self.init(cidr: try members.optional("Cidr"), description: try members.text("Description"))
        }
    }

    /// nil derives one from the name.
    package var id: String?
    package var name: String
    package var entries: [Entry]

    package init(id: String? = nil, name: String, entries: [Entry]) {
        self.id = id
        self.name = name
        self.entries = entries
    }

    package init(from decoder: any Decoder) throws {
        let members = try EC2Members(decoder, ["Id", "Name", "Entries"])
        self.init(
            id: try members.optional("Id"), name: try members.text("Name") ?? "",
            entries: try members.optional("Entries") ?? [])
    }

    /// - Throws: `ValidationFailure` that names the list and the entry.
    package func prefixList(vpcID: String) throws(ValidationFailure) -> PrefixList {
        var list = PrefixList(
            id: id ?? ResourceID.derived("pl", from: "\(vpcID)/\(name)"), name: name, entries: [])
        for entry in entries {
            do throws(AddressError) {
                // As for rules: host bits are cleared.
                guard let block = try InterfaceAddress(parsing: entry.cidr ?? "").network else { continue }
                list.entries.append(.init(block: block, entryDescription: entry.description))
            } catch {
                throw ValidationFailure(
                    .parameterValue, "prefix list \(name.shortened): CIDR block \(error.input.shortened) is malformed",
                    detail: error.reason)
            }
        }
        return list
    }
}
