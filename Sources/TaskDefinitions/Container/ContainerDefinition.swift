// SPDX-License-Identifier: Apache-2.0
package import VPC

/// One container of a task definition. The members are AWS's; see the ECS API's `ContainerDefinition`.
package struct ContainerDefinition: Hashable, Sendable, Codable {
    /// Letters, digits, hyphens and underscores; safe as a file's name once validated.
    @OrEmpty package var name: String
    @OrEmpty package var image: String
    package var repositoryCredentials: RepositoryCredentials?
    /// CPU units; 1024 are one processor.
    package var cpu: Int?
    /// MiB
    package var memory: Int?
    /// MiB
    package var memoryReservation: Int?
    package var links: [String]?
    package var portMappings: [PortMapping]?
    /// nil means true.
    package var essential: Bool?
    package var restartPolicy: RestartPolicy?
    package var entryPoint: [String]?
    package var command: [String]?
    package var environment: [KeyValuePair]?
    package var environmentFiles: [EnvironmentFile]?
    package var mountPoints: [MountPoint]?
    package var volumesFrom: [VolumeFrom]?
    package var linuxParameters: LinuxParameters?
    package var secrets: [Secret]?
    package var dependsOn: [ContainerDependency]?
    /// Seconds that others wait for this container to get where they want it.
    package var startTimeout: Int?
    /// Seconds between SIGTERM and SIGKILL.
    package var stopTimeout: Int?
    package var versionConsistency: VersionConsistency?
    package var hostname: String?
    package var user: String?
    package var workingDirectory: String?
    package var disableNetworking: Bool?
    package var privileged: Bool?
    package var readonlyRootFilesystem: Bool?
    package var dnsServers: [String]?
    package var dnsSearchDomains: [String]?
    package var extraHosts: [HostEntry]?
    package var dockerSecurityOptions: [String]?
    package var interactive: Bool?
    package var pseudoTerminal: Bool?
    package var dockerLabels: [String: String]?
    package var ulimits: [Ulimit]?
    package var logConfiguration: LogConfiguration?
    package var healthCheck: HealthCheck?
    package var systemControls: [SystemControl]?
    package var resourceRequirements: [ResourceRequirement]?
    package var firelensConfiguration: FirelensConfiguration?
    package var credentialSpecs: [String]?

    package init(name: String, image: String, command: [String]? = nil) {
        self.name = name
        self.image = image
        self.command = command
    }

    /// Whether the task stops when this container does.
    package var isEssential: Bool { essential ?? true }
}
