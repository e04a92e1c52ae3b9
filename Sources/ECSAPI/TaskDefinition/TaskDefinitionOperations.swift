// SPDX-License-Identifier: Apache-2.0
package import TaskDefinitions
package import VPC

/// Describes one task definition.
package enum DescribeTaskDefinition: APIOperation {
    package static let target = "\(APITarget.ecs).DescribeTaskDefinition"

    package enum Field: String, APIEnumeration {
        case tags = "TAGS"

        package static var noun: String { "include" }
        package static var failureKind: ValidationFailure.Kind { .invalidParameter }
    }

    package struct Input: Hashable, Sendable, Codable {
        /// `family`, `family:revision` or an ARN.
        @OrEmpty package var taskDefinition: String
        package var include: [Field]?

        package init(taskDefinition: String, include: [Field]? = nil) {
            self.taskDefinition = taskDefinition
            self.include = include
        }
    }

    package typealias Output = RegisterTaskDefinition.Output
}

/// Makes one revision inactive.
package enum DeregisterTaskDefinition: APIOperation {
    package static let target = "\(APITarget.ecs).DeregisterTaskDefinition"

    package struct Input: Hashable, Sendable, Codable {
        /// `family:revision` or an ARN.
        @OrEmpty package var taskDefinition: String

        package init(taskDefinition: String) { self.taskDefinition = taskDefinition }
    }

    package struct Output: Hashable, Sendable, Codable {
        package var taskDefinition: TaskDefinition?

        package init(taskDefinition: TaskDefinition) { self.taskDefinition = taskDefinition }
    }
}

/// Lists the ARNs of task definitions.
package enum ListTaskDefinitions: APIOperation {
    package static let target = "\(APITarget.ecs).ListTaskDefinitions"

    package enum SortOrder: String, APIEnumeration {
        case ascending = "ASC"
        case descending = "DESC"

        package static var noun: String { "sort order" }
        package static var failureKind: ValidationFailure.Kind { .invalidParameter }
    }

    package struct Input: Hashable, Sendable, Codable {
        /// A whole family's name, whatever AWS calls it.
        package var familyPrefix: String?
        /// nil means `ACTIVE`.
        package var status: TaskDefinitionStatus?
        package var sort: SortOrder?
        package var nextToken: String?
        package var maxResults: Int?

        package init(familyPrefix: String? = nil, status: TaskDefinitionStatus? = nil) {
            self.familyPrefix = familyPrefix
            self.status = status
        }

        package func validate() throws(ValidationFailure) { try PageSize.validate(maxResults) }
    }

    package struct Output: Hashable, Sendable, Codable {
        package var taskDefinitionArns: [String]?
        package var nextToken: String?

        package init(taskDefinitionArns: [String], nextToken: String? = nil) {
            self.taskDefinitionArns = taskDefinitionArns
            self.nextToken = nextToken
        }
    }
}
