// SPDX-License-Identifier: Apache-2.0

/// Where a task's ENI is made.
package struct NetworkConfiguration: Hashable, Sendable, Codable {
    package enum AssignPublicIP: String, APIEnumeration {
        case enabled = "ENABLED"
        case disabled = "DISABLED"

        package static var noun: String { "assignPublicIp" }
        package static var failureKind: ValidationFailure.Kind { .invalidParameter }
    }

    package struct AWSVPC: Hashable, Sendable, Codable {
        /// Ids or names.
        @OrEmpty package var subnets: [String]
        package var securityGroups: [String]?
        package var assignPublicIp: AssignPublicIP?

        package init(subnets: [String], securityGroups: [String]? = nil, assignPublicIp: AssignPublicIP? = nil) {
            self.subnets = subnets
            self.securityGroups = securityGroups
            self.assignPublicIp = assignPublicIp
        }
    }

    package var awsvpcConfiguration: AWSVPC?

    package init(awsvpcConfiguration: AWSVPC? = nil) { self.awsvpcConfiguration = awsvpcConfiguration }
}
