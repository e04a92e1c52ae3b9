// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import TaskDefinitions
import VPC

/// All records of one task.
struct TaskRecords: Sendable {
    var task: TaskRecord
    var containers: [ContainerRecord]
    var interfaces: [NetworkInterfaceRecord]

    init(_ task: TaskRecord, in store: StoreTransaction) throws {
        self.task = task
        containers = try store.containers(taskID: task.id)
        interfaces = try store.networkInterfaces(taskID: task.id)
    }

    init(task: TaskRecord, containers: [ContainerRecord], interfaces: [NetworkInterfaceRecord]) {
        self.task = task
        self.containers = containers
        self.interfaces = interfaces
    }
}

extension ECSTask {
    /// A task as the ECS API shows it.
    init(_ records: TaskRecords, includingTags: Bool = true) {
        let task = records.task
        self.init(taskArn: task.arn)
        let arn = TaskARN(task.arn)
        attachments = records.interfaces.map(TaskAttachment.init)
        attributes = task.restart?.attributes ?? []
        availabilityZone = task.availabilityZone
        clusterArn = arn?.cluster.description
        connectivity = task.connectivity
        connectivityAt = task.connectivityAt
        containers = records.containers.map { Container($0, taskARN: task.arn, interfaces: records.interfaces) }
        cpu = task.cpu
        createdAt = task.createdAt
        desiredStatus = task.desiredStatus
        enableExecuteCommand = task.enableExecuteCommand
        executionStoppedAt = task.executionStoppedAt
        group = task.group
        healthStatus = task.healthStatus ?? .unknown
        inferenceAccelerators = []
        lastStatus = task.lastStatus
        launchType = task.launchType
        memory = task.memory
        overrides = task.overrides ?? TaskOverride(containerOverrides: [])
        pullStartedAt = task.pullStartedAt
        pullStoppedAt = task.pullStoppedAt
        startedAt = task.startedAt
        startedBy = task.startedBy
        stopCode = task.stopCode
        stoppedAt = task.stoppedAt
        stoppedReason = task.stoppedReason
        stoppingAt = task.stoppingAt
        tags = includingTags ? task.tags : []
        taskDefinitionArn =
            arn.map { TaskDefinitionARN(scope: $0.scope, family: task.family, revision: task.revision).description }
        version = task.version
    }
}

extension TaskRestart {
    /// In whose place the task runs, and why.
    fileprivate var attributes: [Attribute] {
        let texts = [("tasknet.restart-of", precedingTaskID), ("tasknet.restart-cause", cause)]
        return texts.compactMap { name, text in text.map { Attribute(name: name, value: $0) } }
    }
}

extension TaskAttachment {
    init(_ record: NetworkInterfaceRecord) {
        self.init(record.networkInterface, status: record.status, because: record.statusReason)
    }
}

extension Container {
    init(_ record: ContainerRecord, taskARN: String, interfaces: [NetworkInterfaceRecord]) {
        self.init(name: record.name)
        containerArn = record.arn
        taskArn = taskARN
        image = record.image
        imageDigest = record.imageDigest
        runtimeId = record.runtimeID
        lastStatus = record.lastStatus
        exitCode = record.exitCode
        reason = record.reason
        networkBindings = []
        // Those that it can use, or could while it ran.
        networkInterfaces = interfaces.filter { interface in
            interface.isHotAttached ? interface.status == .attached : interface.status != .precreated
        }.map { Container.NetworkInterface($0.networkInterface) }
        healthStatus = record.healthStatus ?? .unknown
        cpu = record.cpu
        memory = record.memory
        memoryReservation = record.memoryReservation
    }
}
