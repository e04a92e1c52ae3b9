// SPDX-License-Identifier: Apache-2.0
package import VPC

/// EC2's operations on security groups, with EC2's members as the AWS CLI has them.
extension TaskNetworkAPI {
    /// Makes a group that may speak to anyone and hears nobody.
    package enum CreateSecurityGroup: APIOperation {
        package static let target = "\(APITarget.taskNetwork).CreateSecurityGroup"

        package struct Input: Hashable, Sendable, Codable {
            @OrEmpty package var groupName: String
            @OrEmpty package var description: String
            /// nil means this host's.
            package var vpcId: String?

            package init(groupName: String, description: String, vpcId: String? = nil) {
                self.groupName = groupName
                self.description = description
                self.vpcId = vpcId
            }

            package func validate() throws(ValidationFailure) {
                if groupName.isEmpty {
                    throw ValidationFailure(
                        .missingParameter, "The request must contain the parameter GroupName")
                }
                if description.isEmpty {
                    throw ValidationFailure(
                        .missingParameter, "The request must contain the parameter GroupDescription",
                        detail: "say in Description what the group is for")
                }
                try SecurityGroup.validate(name: groupName)
                try SecurityGroup.validate(groupDescription: description)
            }

            private enum CodingKeys: String, CodingKey, CaseIterable {
                case groupName = "GroupName"
                case description = "Description"
                case vpcId = "VpcId"
            }

            package init(from decoder: any Decoder) throws {
                let members = try EC2Members(request: decoder, CodingKeys.self)
                self.init(
                    groupName: try members.optional("GroupName") ?? "",
                    description: try members.optional("Description") ?? "", vpcId: try members.optional("VpcId"))
            }
        }

        package struct Output: Hashable, Sendable, Codable {
            package var groupId: String

            package init(groupId: String) { self.groupId = groupId }

            private enum CodingKeys: String, CodingKey {
                case groupId = "GroupId"
            }
        }
    }

    /// Deletes a group that no ENI is in and no rule names.
    package enum DeleteSecurityGroup: APIOperation {
        package static let target = "\(APITarget.taskNetwork).DeleteSecurityGroup"

        package struct Input: Hashable, Sendable, Codable {
            package var groupId: String?
            package var groupName: String?

            package init(groupId: String? = nil, groupName: String? = nil) {
                self.groupId = groupId
                self.groupName = groupName
            }

            private enum CodingKeys: String, CodingKey, CaseIterable {
                case groupId = "GroupId"
                case groupName = "GroupName"
            }

            package init(from decoder: any Decoder) throws {
                let members = try EC2Members(request: decoder, CodingKeys.self)
                self.init(
                    groupId: try members.optional("GroupId"), groupName: try members.optional("GroupName"))
            }
        }

        package struct Output: Hashable, Sendable, Codable {
            package var `return` = true
            package var groupId: String

            package init(groupId: String) { self.groupId = groupId }

            private enum CodingKeys: String, CodingKey {
                case `return` = "Return"
                case groupId = "GroupId"
            }
        }
    }

    /// Describes groups, with counters and the number of their ENIs.
    package enum DescribeSecurityGroups: APIOperation {
        package static let target = "\(APITarget.taskNetwork).DescribeSecurityGroups"

        package struct Input: Hashable, Sendable, Codable {
            /// One that is not there is an error; nil, with nil names, means all.
            package var groupIds: [String]?
            package var groupNames: [String]?
            package var filters: [EC2Filter]?

            package init(groupIds: [String]? = nil, groupNames: [String]? = nil, filters: [EC2Filter]? = nil) {
                self.groupIds = groupIds
                self.groupNames = groupNames
                self.filters = filters
            }

            /// The groups that are asked for, in the order in which they are known.
            package func select(in references: SecurityGroupReferences) throws(ValidationFailure) -> [SecurityGroup] {
                let filters = filters ?? []
                try filters.validate(["group-id", "group-name", "vpc-id", "description"])
                var wanted: Set<String> = []
                for text in (groupIds ?? []) + (groupNames ?? []) {
                    wanted.insert(try references.securityGroup(named: text).id)
                }
                return references.securityGroups.filter { group in
                    (wanted.isEmpty || wanted.contains(group.id))
                        && filters.fit([
                            "group-id": group.id, "group-name": group.name, "vpc-id": group.vpcID,
                            "description": group.groupDescription,
                        ])
                }
            }

            private enum CodingKeys: String, CodingKey, CaseIterable {
                case groupIds = "GroupIds"
                case groupNames = "GroupNames"
                case filters = "Filters"
            }

            package init(from decoder: any Decoder) throws {
                let members = try EC2Members(request: decoder, CodingKeys.self)
                self.init(
                    groupIds: try members.optional("GroupIds"), groupNames: try members.optional("GroupNames"),
                    filters: try members.optional("Filters"))
            }
        }

        package struct Output: Hashable, Sendable, Codable {
            package var securityGroups: [SecurityGroupDescription]?

            package init(securityGroups: [SecurityGroupDescription]) { self.securityGroups = securityGroups }

            private enum CodingKeys: String, CodingKey {
                case securityGroups = "SecurityGroups"
            }
        }
    }

    /// Describes rules one by one, with their counters.
    package enum DescribeSecurityGroupRules: APIOperation {
        package static let target = "\(APITarget.taskNetwork).DescribeSecurityGroupRules"

        package struct Input: Hashable, Sendable, Codable {
            /// One that is not there is an error; nil means all.
            package var securityGroupRuleIds: [String]?
            package var filters: [EC2Filter]?

            package init(securityGroupRuleIds: [String]? = nil, filters: [EC2Filter]? = nil) {
                self.securityGroupRuleIds = securityGroupRuleIds
                self.filters = filters
            }

            /// The rules that are asked for, with the groups that they are in.
            package func select(
                in groups: [SecurityGroup]
            ) throws(ValidationFailure) -> [(group: SecurityGroup, rule: SecurityGroupRule)] {
                let filters = filters ?? []
                try filters.validate(["group-id", "security-group-rule-id"])
                let all = groups.flatMap { group in group.rules.map { (group: group, rule: $0) } }
                let wanted = Set(securityGroupRuleIds ?? [])
                let known = Set(all.map(\.rule.id))
                if let missing = (securityGroupRuleIds ?? []).first(where: { !known.contains($0) }) {
                    throw ValidationFailure(
                        .ruleIDNotFound, "The security group rule ID '\(missing.shortened)' does not exist")
                }
                return all.filter {
                    (wanted.isEmpty || wanted.contains($0.rule.id))
                        && filters.fit(["group-id": $0.group.id, "security-group-rule-id": $0.rule.id])
                }
            }

            private enum CodingKeys: String, CodingKey, CaseIterable {
                case securityGroupRuleIds = "SecurityGroupRuleIds"
                case filters = "Filters"
            }

            package init(from decoder: any Decoder) throws {
                let members = try EC2Members(request: decoder, CodingKeys.self)
                self.init(
                    securityGroupRuleIds: try members.optional("SecurityGroupRuleIds"),
                    filters: try members.optional("Filters"))
            }
        }

        package struct Output: Hashable, Sendable, Codable {
            package var securityGroupRules: [SecurityGroupRuleDescription]?

            package init(securityGroupRules: [SecurityGroupRuleDescription]) {
                self.securityGroupRules = securityGroupRules
            }

            private enum CodingKeys: String, CodingKey {
                case securityGroupRules = "SecurityGroupRules"
            }
        }
    }
}
