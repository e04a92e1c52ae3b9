// SPDX-License-Identifier: Apache-2.0
package import VPC

/// Which containers a task consists of and how they run. The members are AWS's; see the ECS API's `TaskDefinition`.
package struct TaskDefinition: Hashable, Sendable, Codable {
    package var taskDefinitionArn: String?
    @OrEmpty package var containerDefinitions: [ContainerDefinition]
    @OrEmpty package var family: String
    package var taskRoleArn: String?
    package var executionRoleArn: String?
    /// nil means `bridge`.
    package var networkMode: NetworkMode?
    package var revision: Int?
    package var volumes: [Volume]?
    package var status: TaskDefinitionStatus?
    package var requiresAttributes: [Attribute]?
    package var placementConstraints: [PlacementConstraint]?
    package var compatibilities: [LaunchType]?
    package var runtimePlatform: RuntimePlatform?
    package var requiresCompatibilities: [LaunchType]?
    /// CPU units (1024 are one processor) or vCPUs: `256`, `.25 vCPU`.
    package var cpu: String?
    /// MiB or GB: `512`, `0.5 GB`.
    package var memory: String?
    package var inferenceAccelerators: [InferenceAccelerator]?
    package var pidMode: PIDMode?
    package var ipcMode: IPCMode?
    package var proxyConfiguration: ProxyConfiguration?
    package var registeredAt: Timestamp?
    package var deregisteredAt: Timestamp?
    package var deleteRequestedAt: Timestamp?
    package var registeredBy: String?
    package var ephemeralStorage: EphemeralStorage?
    package var enableFaultInjection: Bool?

    package init(family: String, containerDefinitions: [ContainerDefinition] = [], networkMode: NetworkMode? = nil) {
        self.family = family
        self.containerDefinitions = containerDefinitions
        self.networkMode = networkMode
    }

    /// The network mode that applies where none is given.
    package var effectiveNetworkMode: NetworkMode { networkMode ?? .bridge }

    /// `family:revision`
    package var familyAndRevision: String { revision.map { "\(family):\($0)" } ?? family }

    package func container(named name: String) -> ContainerDefinition? {
        containerDefinitions.first { $0.name == name }
    }
}
