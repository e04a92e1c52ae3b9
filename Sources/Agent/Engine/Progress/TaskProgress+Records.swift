// SPDX-License-Identifier: Apache-2.0
import TaskDefinitions
import VPC

extension TaskProgress {
    /// The progress of a task as its records tell it: a new one's beginning, or what an earlier daemon came to.
    init(
        resuming task: TaskRecord, containers records: [ContainerRecord], definition: TaskDefinition,
        isNetworkMade: Bool = false, defaultStopTimeout: Duration
    ) {
        var known = Resumption()
        known.stop = task.stopCode.map { Stop(code: $0, reason: task.stoppedReason ?? "") }
        known.hasBeenRunning = task.startedAt != nil
        known.hasPauseProcess = task.pause != nil
        known.isNetworkMade = isNetworkMade
        known.isReleasing =
            task.lastStatus == .deprovisioning || (task.lastStatus == .provisioning && task.stopCode != nil)
        for record in records {
            known.containers[record.name] = Resumption.Container(
                end: record.lastStatus == .stopped ? .init(exitCode: record.exitCode, reason: record.reason) : nil,
                hasStarted: record.startedAt != nil, health: record.healthStatus ?? .unknown)
        }
        self.init(
            containers: definition.containerDefinitions.map {
                ContainerRules($0, defaultStopTimeout: defaultStopTimeout)
            }, resuming: known)
    }
}

extension ContainerRules {
    init(_ definition: ContainerDefinition, defaultStopTimeout: Duration) {
        self.init(
            name: definition.name, isEssential: definition.isEssential,
            dependencies: (definition.dependsOn ?? []).map {
                Dependency(container: $0.containerName, condition: $0.condition)
            },
            startTimeout: definition.startTimeout.map { .seconds($0) },
            stopTimeout: definition.stopTimeout.map { .seconds($0) } ?? defaultStopTimeout,
            hasHealthCheck: definition.healthCheck?.isEnabled ?? false)
    }
}

extension HealthCheck {
    /// `["NONE"]` switches off a check that an image brings.
    var isEnabled: Bool { command.first != "NONE" && !command.isEmpty }
}
