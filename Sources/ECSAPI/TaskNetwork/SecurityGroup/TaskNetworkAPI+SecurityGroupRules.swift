// SPDX-License-Identifier: Apache-2.0
package import VPC

extension TaskNetworkAPI {
    /// Adds rules to a group, all or none.
    package struct AuthorizeSecurityGroupInput: Hashable, Sendable, Codable {
        package var groupId: String?
        package var groupName: String?
        @OrEmpty package var ipPermissions: [IpPermission]

        package init(groupId: String? = nil, groupName: String? = nil, ipPermissions: [IpPermission]) {
            self.groupId = groupId
            self.groupName = groupName
            self.ipPermissions = ipPermissions
        }

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case groupId = "GroupId"
            case groupName = "GroupName"
            case ipPermissions = "IpPermissions"
        }

        package init(from decoder: any Decoder) throws {
            let members = try EC2Members(request: decoder, CodingKeys.self)
            self.init(
                groupId: try members.optional("GroupId"), groupName: try members.optional("GroupName"),
                ipPermissions: try members.list("IpPermissions"))
        }

        /// The group as it is with the rules, and the rules.
        package func applied(
            _ direction: SecurityGroupRule.Direction, in references: SecurityGroupReferences,
            limits: SecurityGroupLimits = .init()
        ) throws(ValidationFailure) -> (group: SecurityGroup, added: [SecurityGroupRule]) {
            var group = try references.securityGroup(groupId: groupId, groupName: groupName)
            let rules = try ipPermissions.rules(direction, groupID: group.id, references: references)
            try group.authorize(rules, limits: limits)
            return (group, rules)
        }
    }

    package struct AuthorizeSecurityGroupOutput: Hashable, Sendable, Codable {
        package var `return` = true
        package var securityGroupRules: [SecurityGroupRuleDescription]?

        package init(securityGroupRules: [SecurityGroupRuleDescription]) {
            self.securityGroupRules = securityGroupRules
        }

        private enum CodingKeys: String, CodingKey {
            case `return` = "Return"
            case securityGroupRules = "SecurityGroupRules"
        }
    }

    /// Takes rules from a group, all or none: by what they say, or by their ids.
    package struct RevokeSecurityGroupInput: Hashable, Sendable, Codable {
        package var groupId: String?
        package var groupName: String?
        package var ipPermissions: [IpPermission]?
        package var securityGroupRuleIds: [String]?

        package init(
            groupId: String? = nil, groupName: String? = nil, ipPermissions: [IpPermission]? = nil,
            securityGroupRuleIds: [String]? = nil
        ) {
            self.groupId = groupId
            self.groupName = groupName
            self.ipPermissions = ipPermissions
            self.securityGroupRuleIds = securityGroupRuleIds
        }

        private enum CodingKeys: String, CodingKey, CaseIterable {
            case groupId = "GroupId"
            case groupName = "GroupName"
            case ipPermissions = "IpPermissions"
            case securityGroupRuleIds = "SecurityGroupRuleIds"
        }

        package init(from decoder: any Decoder) throws {
            let members = try EC2Members(request: decoder, CodingKeys.self)
            self.init(
                groupId: try members.optional("GroupId"), groupName: try members.optional("GroupName"),
                ipPermissions: try members.optional("IpPermissions"),
                securityGroupRuleIds: try members.optional("SecurityGroupRuleIds"))
        }

        /// The group as it is without the rules, and the rules.
        package func applied(
            _ direction: SecurityGroupRule.Direction, in references: SecurityGroupReferences
        ) throws(ValidationFailure) -> (group: SecurityGroup, removed: [SecurityGroupRule]) {
            var group = try references.securityGroup(groupId: groupId, groupName: groupName)
            let ids = securityGroupRuleIds ?? []
            if !ids.isEmpty, ipPermissions?.isEmpty == false {
                throw ValidationFailure(
                    .parameterCombination,
                    "The parameters IpPermissions and SecurityGroupRuleIds may not be used together",
                    detail: "leave one of them out")
            }
            var rules: [SecurityGroupRule] = []
            for (index, id) in ids.enumerated() {
                if ids[..<index].contains(id) {
                    throw ValidationFailure(
                        .parameterValue, "The security group rule ID '\(id.shortened)' is given more than once",
                        detail: "give it once")
                }
                guard let rule = group.rules(direction).first(where: { $0.id == id }) else {
                    throw ValidationFailure(
                        .ruleIDNotFound, "The security group rule ID '\(id.shortened)' does not exist",
                        detail: "security group \(group.label) has no such \(direction.rawValue) rule")
                }
                rules.append(rule)
            }
            if ids.isEmpty {
                rules = try (ipPermissions ?? []).rules(direction, groupID: group.id, references: references)
            }
            let removed = try group.revoke(rules)
            return (group, removed)
        }
    }

    package struct RevokeSecurityGroupOutput: Hashable, Sendable, Codable {
        package var `return` = true
        /// Of this host's: there are none that are not known, because they are refused.
        package var unknownIpPermissions: [IpPermission]? = []
        package var revokedSecurityGroupRules: [SecurityGroupRuleDescription]?

        package init(revokedSecurityGroupRules: [SecurityGroupRuleDescription]) {
            self.revokedSecurityGroupRules = revokedSecurityGroupRules
        }

        private enum CodingKeys: String, CodingKey {
            case `return` = "Return"
            case unknownIpPermissions = "UnknownIpPermissions"
            case revokedSecurityGroupRules = "RevokedSecurityGroupRules"
        }
    }

    package enum AuthorizeSecurityGroupIngress: APIOperation {
        package static let target = "\(APITarget.taskNetwork).AuthorizeSecurityGroupIngress"
        package typealias Input = AuthorizeSecurityGroupInput
        package typealias Output = AuthorizeSecurityGroupOutput
    }

    package enum AuthorizeSecurityGroupEgress: APIOperation {
        package static let target = "\(APITarget.taskNetwork).AuthorizeSecurityGroupEgress"
        package typealias Input = AuthorizeSecurityGroupInput
        package typealias Output = AuthorizeSecurityGroupOutput
    }

    package enum RevokeSecurityGroupIngress: APIOperation {
        package static let target = "\(APITarget.taskNetwork).RevokeSecurityGroupIngress"
        package typealias Input = RevokeSecurityGroupInput
        package typealias Output = RevokeSecurityGroupOutput
    }

    package enum RevokeSecurityGroupEgress: APIOperation {
        package static let target = "\(APITarget.taskNetwork).RevokeSecurityGroupEgress"
        package typealias Input = RevokeSecurityGroupInput
        package typealias Output = RevokeSecurityGroupOutput
    }
}
