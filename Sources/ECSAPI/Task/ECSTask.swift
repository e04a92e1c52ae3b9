// SPDX-License-Identifier: Apache-2.0
package import TaskDefinitions
package import VPC

/// A task as the API describes it: `Task` of the ECS API. (Swift has a `Task` of its own.)
package struct ECSTask: Hashable, Sendable, Codable {
    package var attachments: [TaskAttachment]?
    package var attributes: [Attribute]?
    package var availabilityZone: String?
    package var capacityProviderName: String?
    package var clusterArn: String?
    /// `CONNECTED` or `DISCONNECTED`
    package var connectivity: String?
    package var connectivityAt: Timestamp?
    package var containerInstanceArn: String?
    package var containers: [Container]?
    package var cpu: String?
    package var createdAt: Timestamp?
    package var desiredStatus: DesiredStatus?
    package var enableExecuteCommand: Bool?
    package var executionStoppedAt: Timestamp?
    package var group: String?
    package var healthStatus: HealthStatus?
    package var inferenceAccelerators: [InferenceAccelerator]?
    package var lastStatus: TaskStatus?
    package var launchType: LaunchType?
    package var memory: String?
    package var overrides: TaskOverride?
    package var platformVersion: String?
    package var platformFamily: String?
    package var pullStartedAt: Timestamp?
    package var pullStoppedAt: Timestamp?
    package var startedAt: Timestamp?
    package var startedBy: String?
    package var stopCode: TaskStopCode?
    package var stoppedAt: Timestamp?
    package var stoppedReason: String?
    package var stoppingAt: Timestamp?
    package var tags: [ResourceTag]?
    package var taskArn: String
    package var taskDefinitionArn: String?
    /// Counts the changes of the task.
    package var version: Int?
    package var ephemeralStorage: EphemeralStorage?
    package var fargateEphemeralStorage: TaskEphemeralStorage?

    package init(taskArn: String) { self.taskArn = taskArn }
}

package struct TaskEphemeralStorage: Hashable, Sendable, Codable {
    package var sizeInGiB: Int?
    package var kmsKeyId: String?
}

/// Why one of several things that were asked for is not in the answer.
package struct Failure: Hashable, Sendable, Codable {
    package var arn: String?
    package var reason: String?
    package var detail: String?

    package init(arn: String?, reason: String?, detail: String? = nil) {
        self.arn = arn
        self.reason = reason
        self.detail = detail
    }

    /// There is nothing of this name.
    package static func missing(_ arn: String) -> Failure { Failure(arn: arn, reason: "MISSING") }
}
