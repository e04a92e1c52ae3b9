// SPDX-License-Identifier: Apache-2.0
package import TaskDefinitions
package import VPC

/// What one run changes in its task definition.
package struct TaskOverride: Hashable, Sendable, Codable {
    package struct InferenceAcceleratorOverride: Hashable, Sendable, Codable {
        package var deviceName: String?
        package var deviceType: String?
    }

    package var containerOverrides: [ContainerOverride]?
    package var cpu: String?
    package var inferenceAcceleratorOverrides: [InferenceAcceleratorOverride]?
    package var executionRoleArn: String?
    package var memory: String?
    package var taskRoleArn: String?
    package var ephemeralStorage: EphemeralStorage?

    package init(containerOverrides: [ContainerOverride]? = nil) { self.containerOverrides = containerOverrides }
}

package struct ContainerOverride: Hashable, Sendable, Codable {
    package var name: String?
    package var command: [String]?
    package var environment: [KeyValuePair]?
    package var environmentFiles: [EnvironmentFile]?
    package var cpu: Int?
    package var memory: Int?
    package var memoryReservation: Int?
    package var resourceRequirements: [ResourceRequirement]?

    package init(name: String?, command: [String]? = nil, environment: [KeyValuePair]? = nil) {
        self.name = name
        self.command = command
        self.environment = environment
    }
}

extension TaskDefinition {
    /// The definition as this run has it; validated.
    package func applying(_ overrides: TaskOverride?) throws(ValidationFailure) -> TaskDefinition {
        guard let overrides else { return self }
        var result = self
        for override in overrides.containerOverrides ?? [] where override != ContainerOverride(name: nil) {
            guard let index = result.containerDefinitions.firstIndex(where: { $0.name == override.name }) else {
                let name = (override.name ?? "null").shortened
                throw ValidationFailure(
                    .invalidParameter, "Override for container named \(name) is not a container in the TaskDefinition.",
                    detail: "there are: \(containerDefinitions.map(\.name).joined(separator: ", "))")
            }
            result.containerDefinitions[index].apply(override)
        }
        result.cpu = overrides.cpu ?? cpu
        result.memory = overrides.memory ?? memory
        result.executionRoleArn = overrides.executionRoleArn ?? executionRoleArn
        result.taskRoleArn = overrides.taskRoleArn ?? taskRoleArn
        result.ephemeralStorage = overrides.ephemeralStorage ?? ephemeralStorage
        try result.validate()
        return result
    }
}

extension ContainerDefinition {
    fileprivate mutating func apply(_ override: ContainerOverride) {
        command = override.command ?? command
        cpu = override.cpu ?? cpu
        memory = override.memory ?? memory
        memoryReservation = override.memoryReservation ?? memoryReservation
        environmentFiles = override.environmentFiles ?? environmentFiles
        resourceRequirements = override.resourceRequirements ?? resourceRequirements
        guard let added = override.environment, !added.isEmpty else { return }
        // A variable of the override replaces the definition's; the others stay.
        let names = Set(added.map(\.name))
        environment = (environment ?? []).filter { !names.contains($0.name) } + added
    }
}
