// SPDX-License-Identifier: Apache-2.0
package import ECSAPI
package import TaskDefinitions
package import VPC

/// A task: all that DescribeTasks tells of it, and what the daemon needs to find it again.
package struct TaskRecord: Codable, Sendable, Equatable {
    /// 32 hexadecimal digits.
    package var id: String
    package var arn: String
    package var family: String
    package var revision: Int

    package var lastStatus: TaskStatus
    package var desiredStatus: DesiredStatus
    package var connectivity: String?
    package var healthStatus: HealthStatus?
    package var stopCode: TaskStopCode?
    package var stoppedReason: String?

    package var launchType: LaunchType
    package var availabilityZone: String?
    package var cpu: String?
    package var memory: String?
    package var group: String?
    package var startedBy: String?
    package var tags: [ResourceTag]
    package var overrides: TaskOverride?
    package var enableExecuteCommand: Bool
    /// The caller's, so that a repeated RunTask does not run anything twice.
    package var clientToken: String?
    /// Tells the request that came with the token from another one.
    package var requestDigest: String?

    package var createdAt: Timestamp
    package var connectivityAt: Timestamp?
    package var pullStartedAt: Timestamp?
    package var pullStoppedAt: Timestamp?
    package var startedAt: Timestamp?
    package var stoppingAt: Timestamp?
    package var executionStoppedAt: Timestamp?
    package var stoppedAt: Timestamp?
    /// Grows with each change that a caller can see.
    package var version: Int

    /// Where the task's network namespace is bound.
    package var namespacePath: String?
    package var pause: PauseProcess?
    package var hostname: String?
    /// Nil for one that does not come back when it has ended.
    package var restart: TaskRestart?

    /// A process by pid and birth, so that another one which got the same pid is not taken for it.
    package struct PauseProcess: Codable, Sendable, Equatable {
        package var processID: Int32
        /// In clock ticks after boot: field 22 of `/proc/<pid>/stat`.
        package var startTime: UInt64

        package init(processID: Int32, startTime: UInt64) {
            self.processID = processID
            self.startTime = startTime
        }
    }

    package init(
        id: String, arn: String, family: String, revision: Int, lastStatus: TaskStatus = .provisioning,
        desiredStatus: DesiredStatus = .running, launchType: LaunchType = .external, createdAt: Timestamp
    ) {
        self.id = id
        self.arn = arn
        self.family = family
        self.revision = revision
        self.lastStatus = lastStatus
        self.desiredStatus = desiredStatus
        self.launchType = launchType
        self.createdAt = createdAt
        tags = []
        enableExecuteCommand = false
        version = 1
    }
}

/// One container of a task.
package struct ContainerRecord: Codable, Sendable, Equatable {
    package var taskID: String
    package var name: String
    /// The last part of its ARN.
    package var id: String
    package var arn: String
    package var runtimeID: String?
    package var image: String
    package var imageDigest: String?
    package var isEssential: Bool

    package var lastStatus: ContainerStatus
    package var healthStatus: HealthStatus?
    package var exitCode: Int?
    package var reason: String?

    package var cpu: String?
    package var memory: String?
    package var memoryReservation: String?

    package var createdAt: Timestamp?
    package var startedAt: Timestamp?
    package var finishedAt: Timestamp?
    package var restartCount: Int
    package var process: TaskRecord.PauseProcess?

    package init(
        taskID: String, name: String, id: String, arn: String, image: String, isEssential: Bool = true,
        lastStatus: ContainerStatus = .pending
    ) {
        self.taskID = taskID
        self.name = name
        self.id = id
        self.arn = arn
        self.image = image
        self.isEssential = isEssential
        self.lastStatus = lastStatus
        restartCount = 0
    }
}
