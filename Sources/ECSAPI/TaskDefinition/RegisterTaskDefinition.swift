// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
package import TaskDefinitions
package import VPC

/// Registers a task definition, as the next revision of its family.
package enum RegisterTaskDefinition: APIOperation {
    package static let target = "\(APITarget.ecs).RegisterTaskDefinition"

    package struct Input: Hashable, Sendable, Codable {
        @OrEmpty package var family: String
        package var taskRoleArn: String?
        package var executionRoleArn: String?
        package var networkMode: NetworkMode?
        @OrEmpty package var containerDefinitions: [ContainerDefinition]
        package var volumes: [Volume]?
        package var placementConstraints: [PlacementConstraint]?
        package var requiresCompatibilities: [LaunchType]?
        package var cpu: String?
        package var memory: String?
        package var tags: [ResourceTag]?
        package var pidMode: PIDMode?
        package var ipcMode: IPCMode?
        package var proxyConfiguration: ProxyConfiguration?
        package var inferenceAccelerators: [InferenceAccelerator]?
        package var ephemeralStorage: EphemeralStorage?
        package var runtimePlatform: RuntimePlatform?
        package var enableFaultInjection: Bool?

        package init(family: String, containerDefinitions: [ContainerDefinition], networkMode: NetworkMode? = nil) {
            self.family = family
            self.containerDefinitions = containerDefinitions
            self.networkMode = networkMode
        }

        /// What is to be registered, not yet validated.
        package var taskDefinition: TaskDefinition {
            var result = TaskDefinition(
                family: family, containerDefinitions: containerDefinitions, networkMode: networkMode)
            result.taskRoleArn = taskRoleArn
            result.executionRoleArn = executionRoleArn
            result.volumes = volumes
            result.placementConstraints = placementConstraints
            result.requiresCompatibilities = requiresCompatibilities
            result.cpu = cpu
            result.memory = memory
            result.pidMode = pidMode
            result.ipcMode = ipcMode
            result.proxyConfiguration = proxyConfiguration
            result.inferenceAccelerators = inferenceAccelerators
            result.ephemeralStorage = ephemeralStorage
            result.runtimePlatform = runtimePlatform
            result.enableFaultInjection = enableFaultInjection
            return result
        }

        private static let mostBytes = 65_536

        /// Checks tags, the definition, and its size.
        ///
        /// - Returns: The definition.
        @discardableResult
        package func validate() throws(ValidationFailure) -> TaskDefinition {
            try ResourceTag.validate(tags)
            let definition = taskDefinition
            try definition.validate()
            // What was decoded encodes; a failure here could only be of memory.
            let size = (try? JSONEncoder().encode(definition).count) ?? 0
            if size > Self.mostBytes {
                throw ValidationFailure(
                    .client, "Actual length: '\(size)'. Max allowed length is '\(Self.mostBytes)' bytes.",
                    detail: "the task definition '\(family)' as JSON")
            }
            return definition
        }
    }

    package struct Output: Hashable, Sendable, Codable {
        package var taskDefinition: TaskDefinition?
        package var tags: [ResourceTag]?

        package init(taskDefinition: TaskDefinition, tags: [ResourceTag]? = nil) {
            self.taskDefinition = taskDefinition
            self.tags = tags
        }
    }
}
