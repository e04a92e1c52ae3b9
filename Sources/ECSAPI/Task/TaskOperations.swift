// SPDX-License-Identifier: Apache-2.0
package import VPC

/// Stops one task.
package enum StopTask: APIOperation {
    package static let target = "\(APITarget.ecs).StopTask"

    package struct Input: Hashable, Sendable, Codable {
        package var cluster: String?
        @OrEmpty package var task: String
        package var reason: String?

        package init(task: String, cluster: String? = nil, reason: String? = nil) {
            self.task = task
            self.cluster = cluster
            self.reason = reason
        }

        package func validate() throws(ValidationFailure) {
            try RequestText.validate(reason, member: "reason", most: 1024)
        }
    }

    package struct Output: Hashable, Sendable, Codable {
        package var task: ECSTask?

        package init(task: ECSTask) { self.task = task }
    }
}

/// Describes tasks by their ids or ARNs.
package enum DescribeTasks: APIOperation {
    package static let target = "\(APITarget.ecs).DescribeTasks"

    package enum Field: String, APIEnumeration {
        case tags = "TAGS"

        package static var noun: String { "include" }
        package static var failureKind: ValidationFailure.Kind { .invalidParameter }
    }

    package struct Input: Hashable, Sendable, Codable {
        package var cluster: String?
        @OrEmpty package var tasks: [String]
        package var include: [Field]?

        package init(tasks: [String], cluster: String? = nil, include: [Field]? = nil) {
            self.tasks = tasks
            self.cluster = cluster
            self.include = include
        }

        package func validate() throws(ValidationFailure) {
            if tasks.isEmpty { throw ValidationFailure(.invalidParameter, "Tasks cannot be empty.") }
            if tasks.count > 100 {
                throw ValidationFailure(
                    .invalidParameter, "Tasks can have at most 100 items.", detail: "\(tasks.count) are given")
            }
        }
    }

    package struct Output: Hashable, Sendable, Codable {
        package var tasks: [ECSTask]?
        package var failures: [Failure]?

        package init(tasks: [ECSTask], failures: [Failure] = []) {
            self.tasks = tasks
            self.failures = failures
        }
    }
}

/// Lists the ARNs of tasks.
package enum ListTasks: APIOperation {
    package static let target = "\(APITarget.ecs).ListTasks"

    package struct Input: Hashable, Sendable, Codable {
        package var cluster: String?
        package var containerInstance: String?
        package var family: String?
        package var nextToken: String?
        package var maxResults: Int?
        package var startedBy: String?
        package var serviceName: String?
        /// nil means `RUNNING`.
        package var desiredStatus: DesiredStatus?
        package var launchType: LaunchType?
        package var daemonName: String?

        package init(cluster: String? = nil, desiredStatus: DesiredStatus? = nil) {
            self.cluster = cluster
            self.desiredStatus = desiredStatus
        }

        package func validate() throws(ValidationFailure) { try PageSize.validate(maxResults) }
    }

    package struct Output: Hashable, Sendable, Codable {
        package var taskArns: [String]?
        package var nextToken: String?

        package init(taskArns: [String], nextToken: String? = nil) {
            self.taskArns = taskArns
            self.nextToken = nextToken
        }
    }
}
