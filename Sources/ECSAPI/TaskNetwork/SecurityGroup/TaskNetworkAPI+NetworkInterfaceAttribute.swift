// SPDX-License-Identifier: Apache-2.0
package import VPC

extension TaskNetworkAPI {
    /// Puts an ENI into other security groups, while it runs.
    package enum ModifyNetworkInterfaceAttribute: APIOperation {
        package static let target = "\(APITarget.taskNetwork).ModifyNetworkInterfaceAttribute"

        package struct Input: Hashable, Sendable, Codable {
            @OrEmpty package var networkInterfaceId: String
            /// All groups that it is in afterwards, by id or name.
            @OrEmpty package var groups: [String]

            package init(networkInterfaceId: String, groups: [String]) {
                self.networkInterfaceId = networkInterfaceId
                self.groups = groups
            }

            /// The groups' ids, in the order given.
            package func groupIDs(
                in references: SecurityGroupReferences, limits: SecurityGroupLimits = .init()
            ) throws(ValidationFailure) -> [String] {
                if networkInterfaceId.isEmpty {
                    throw ValidationFailure(
                        .missingParameter, "The request must contain the parameter NetworkInterfaceId",
                        detail: "it is the ENI's id")
                }
                if groups.isEmpty {
                    throw ValidationFailure(
                        .missingParameter, "The request must contain the parameter Groups",
                        detail: "an ENI is in at least one security group")
                }
                return try references.securityGroupIDs(groups, limits: limits)
            }

            private enum CodingKeys: String, CodingKey, CaseIterable {
                case networkInterfaceId = "NetworkInterfaceId"
                case groups = "Groups"
            }

            package init(from decoder: any Decoder) throws {
                let members = try EC2Members(request: decoder, CodingKeys.self)
                self.init(
                    networkInterfaceId: try members.optional("NetworkInterfaceId") ?? "",
                    groups: try members.list("Groups"))
            }
        }

        package struct Output: Hashable, Sendable, Codable {
            package var `return` = true

            package init() {}

            private enum CodingKeys: String, CodingKey {
                case `return` = "Return"
            }
        }
    }
}

extension SecurityGroupReferences {
    /// The ids of groups that an ENI is put into, by their ids or names, in the order given.
    ///
    /// - Throws: `ValidationFailure` with EC2's code for one that is not there, one that comes twice, or too many.
    package func securityGroupIDs(
        _ texts: [String], limits: SecurityGroupLimits = .init()
    ) throws(ValidationFailure) -> [String] {
        var ids: [String] = []
        for text in texts {
            let group = try securityGroup(named: text)
            if ids.contains(group.id) {
                throw ValidationFailure(
                    .parameterValue, "The security group '\(text.shortened)' is given more than once",
                    detail: "\(group.label): give it once")
            }
            ids.append(group.id)
        }
        if ids.count > limits.groupsPerInterface {
            throw ValidationFailure(
                .groupsPerInterfaceLimitExceeded,
                "The maximum number of security groups per interface has been reached",
                detail: """
                    \(ids.count) are given, at most \(limits.groupsPerInterface) are allowed: join groups, or raise \
                    securityGroupsPerInterface
                    """)
        }
        return ids
    }
}
