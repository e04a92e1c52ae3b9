// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import VPC

/// A security group of the file, whose rules may name groups that stand behind it.
struct SecurityGroupDraft {
    /// Without rules.
    var group: SecurityGroup
    private let value: ConfigurationValue
    private let document: SecurityGroupDocument

    init(_ value: ConfigurationValue, vpcID: String, accountID: String) throws(ConfigurationProblem) {
        let document: SecurityGroupDocument = try value.decoded()
        guard let name = document.name else {
            throw value.problem("has no name", "add one such as name: web")
        }
        do throws(ValidationFailure) {
            try document.validate(vpcID: vpcID, accountID: accountID)
        } catch {
            throw value.problem(error)
        }
        self.value = value
        self.document = document
        group = SecurityGroup(
            id: document.id ?? SecurityGroup.derivedID(name, vpcID: vpcID), name: name,
            groupDescription: document.description ?? name, vpcID: vpcID)
    }

    /// The group with its rules: where the file says nothing of a direction, those that EC2 would begin with.
    func group(
        _ references: SecurityGroupReferences
    ) -> (group: SecurityGroup, problems: [ConfigurationProblem]) {
        var group = group
        var problems: [ConfigurationProblem] = []
        for direction in SecurityGroupRule.Direction.allCases {
            guard let permissions = document.permissions(direction) else {
                group.rules += group.initialRules(direction)
                continue
            }
            let place = value.child(direction == .ingress ? "ipPermissions" : "ipPermissionsEgress")
            for (index, permission) in permissions.enumerated() {
                do throws(ValidationFailure) {
                    group.rules += try permission.rules(direction, groupID: group.id, references: references)
                } catch {
                    problems.append((place?.child(index) ?? value).problem(error))
                }
            }
        }
        return (group, problems)
    }
}
