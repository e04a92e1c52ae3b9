// SPDX-License-Identifier: Apache-2.0
package import TaskDefinitions
package import VPC

package enum PropagateTags: String, APIEnumeration {
    case taskDefinition = "TASK_DEFINITION"
    case service = "SERVICE"
    case none = "NONE"

    package static var noun: String { "propagateTags" }
    package static var failureKind: ValidationFailure.Kind { .invalidParameter }
}

package struct CapacityProviderStrategyItem: Hashable, Sendable, Codable {
    package var capacityProvider: String
    package var weight: Int?
    package var base: Int?
}

package struct PlacementStrategy: Hashable, Sendable, Codable {
    package var type: String?
    package var field: String?
}

package struct TaskVolumeConfiguration: Hashable, Sendable, Codable {
    package var name: String
    package var managedEBSVolume: JSONObject?
}

/// Starts tasks.
package enum RunTask: APIOperation {
    package static let target = "\(APITarget.ecs).RunTask"

    package struct Input: Hashable, Sendable, Codable {
        package var capacityProviderStrategy: [CapacityProviderStrategyItem]?
        package var cluster: String?
        package var count: Int?
        package var enableECSManagedTags: Bool?
        package var enableExecuteCommand: Bool?
        package var group: String?
        package var launchType: LaunchType?
        package var networkConfiguration: NetworkConfiguration?
        package var overrides: TaskOverride?
        package var placementConstraints: [PlacementConstraint]?
        package var placementStrategy: [PlacementStrategy]?
        package var platformVersion: String?
        package var propagateTags: PropagateTags?
        package var referenceId: String?
        package var startedBy: String?
        package var tags: [ResourceTag]?
        @OrEmpty package var taskDefinition: String
        package var clientToken: String?
        package var volumeConfigurations: [TaskVolumeConfiguration]?

        package init(taskDefinition: String) { self.taskDefinition = taskDefinition }

        /// Checks what can be checked without the task definition.
        package func validate() throws(ValidationFailure) {
            if let count, !(1...10).contains(count) {
                throw ValidationFailure(.invalidParameter, "count must be 1 to 10.", detail: "it is \(count)")
            }
            try RequestText.validate(startedBy, member: "startedBy", most: 128)
            try RequestText.validate(clientToken, member: "clientToken", most: 64)
            try RequestText.validate(group, member: "group", most: 512)
            try ResourceTag.validate(tags)
            if launchType != nil, !(capacityProviderStrategy ?? []).isEmpty {
                throw ValidationFailure(
                    .invalidParameter, "Specifying both a launch type and capacity provider strategy is not supported.",
                    detail: "remove one and try again")
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
