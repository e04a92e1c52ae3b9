// SPDX-License-Identifier: Apache-2.0

/// A security group: whom the ENIs that are in it hear, and whom they may speak to. What no rule allows is denied; what
/// answers something allowed is allowed.
package struct SecurityGroup: Hashable, Sendable, Codable {
    /// `sg-` and 8 to 17 hexadecimal digits.
    package var id: String
    /// Unique within its VPC.
    package var name: String
    package var groupDescription: String
    package var vpcID: String
    package var rules: [SecurityGroupRule]

    package init(
        id: String, name: String, groupDescription: String, vpcID: String, rules: [SecurityGroupRule] = []
    ) {
        self.id = id
        self.name = name
        self.groupDescription = groupDescription
        self.vpcID = vpcID
        self.rules = rules
    }

    /// The rules of one direction, in their order.
    package func rules(_ direction: SecurityGroupRule.Direction) -> [SecurityGroupRule] {
        rules.filter { $0.direction == direction }
    }
}

extension [SecurityGroup] {
    /// The group with this id or, where there is none, with this name.
    package func named(_ text: String) -> SecurityGroup? {
        first { $0.id == text } ?? first { $0.name == text }
    }
}
