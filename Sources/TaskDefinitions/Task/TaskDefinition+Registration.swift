// SPDX-License-Identifier: Apache-2.0
package import VPC

extension TaskDefinition {
    /// The definition as AWS returns one that was registered: defaults filled in, sizes in plain units, and what the
    /// registration adds.
    package func registered(
        arn: String, revision: Int, at time: Timestamp, by principal: String? = nil
    ) -> TaskDefinition {
        var result = self
        result.taskDefinitionArn = arn
        result.revision = revision
        result.status = .active
        result.registeredAt = time
        result.registeredBy = principal
        result.deregisteredAt = nil
        result.deleteRequestedAt = nil
        result.networkMode = effectiveNetworkMode
        result.cpu = cpu.flatMap(TaskSize.cpuUnits).map(String.init) ?? cpu
        result.memory = memory.flatMap(TaskSize.memoryMiB).map(String.init) ?? memory
        result.volumes = volumes ?? []
        result.placementConstraints = placementConstraints ?? []
        result.containerDefinitions = containerDefinitions.map { $0.withDefaults(mode: effectiveNetworkMode) }
        result.compatibilities = inferredCompatibilities
        result.requiresAttributes = inferredAttributes.map { Attribute(name: $0) }
        return result
    }

    /// Where AWS could run it.
    private var inferredCompatibilities: [LaunchType] {
        guard effectiveNetworkMode == .awsvpc else { return [.external, .ec2] }
        guard let cpu = cpu.flatMap(TaskSize.cpuUnits), let memory = memory.flatMap(TaskSize.memoryMiB),
            TaskSize.isFargate(cpu: cpu, memory: memory)
        else { return [.ec2] }
        return [.ec2, .fargate]
    }

    /// What a host must have, by the names that the ECS agent registers.
    private var inferredAttributes: [String] {
        var names: [String] = []
        let drivers = Set(containerDefinitions.compactMap(\.logConfiguration?.logDriver.rawValue))
        names += drivers.sorted().map { "com.amazonaws.ecs.capability.logging-driver.\($0)" }
        if containerDefinitions.contains(where: { $0.healthCheck != nil }) {
            names.append("ecs.capability.container-health-check")
        }
        if containerDefinitions.contains(where: { !($0.dependsOn ?? []).isEmpty }) {
            names.append("ecs.capability.container-ordering")
        }
        if effectiveNetworkMode == .awsvpc { names.append("ecs.capability.task-eni") }
        return names
    }
}

extension ContainerDefinition {
    /// With the members that AWS fills in.
    fileprivate func withDefaults(mode: NetworkMode) -> ContainerDefinition {
        var result = self
        result.cpu = cpu ?? 0
        result.essential = isEssential
        result.portMappings = (portMappings ?? []).map { $0.withDefaults(mode: mode) }
        result.environment = environment ?? []
        result.mountPoints = mountPoints ?? []
        result.volumesFrom = volumesFrom ?? []
        result.systemControls = systemControls ?? []
        if var check = healthCheck {
            check.interval = check.interval ?? HealthCheck.defaultInterval
            check.timeout = check.timeout ?? HealthCheck.defaultTimeout
            check.retries = check.retries ?? HealthCheck.defaultRetries
            result.healthCheck = check
        }
        return result
    }
}

extension PortMapping {
    fileprivate func withDefaults(mode: NetworkMode) -> PortMapping {
        var result = self
        result.protocol = `protocol` ?? .tcp
        if containerPortRange == nil {
            let isOwnAddress = mode == .awsvpc || mode == .host
            result.hostPort = isOwnAddress ? containerPort : hostPort ?? 0
        }
        return result
    }
}
