// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import FoundationEssentials
import Linux
import SystemPackage
import TaskDefinitions
import VPC

extension TaskOperations {
    /// Runs `count` tasks: each one's records and addresses are in the store when this returns; the rest follows.
    ///
    /// - Parameters:
    ///   - given: ENIs that come from outside. The tasks' own are made when there is none.
    ///   - milliseconds: how long their devices are waited for.
    ///   - call: by which it is asked for.
    func runTask(
        _ input: RunTask.Input, given: [ElasticNetworkInterface], waiting milliseconds: Int? = nil,
        of call: APIContext
    ) async throws -> RunTask.Output {
        try input.validate()
        try configuration.requireCluster(input.cluster)
        let restart = TaskRestart(
            networkConfiguration: input.networkConfiguration, elasticNetworkInterfaces: given.isEmpty ? nil : given,
            waitTimeoutMs: milliseconds)
        guard let token = input.clientToken, !token.isEmpty else {
            return try await runTasks(input, restart: restart, call)
        }
        let output = try await callsUnderWay.once(token) {
            if let output = try await answered(token) { return output }
            return try await runTasks(input, restart: restart, call)
        }
        let earlier = try await store.read { try $0.tasks(clientToken: token).first }
        guard try earlier == nil || earlier?.requestDigest == input.digest() else {
            throw APIError(
                type: "ConflictException",
                message: "The clientToken was used for another request, which started \(earlier?.arn ?? "a task"):"
                    + " use a new one for each request.")
        }
        return output
    }

    /// - Parameters:
    ///   - restart: what a task is run again with, and in whose place it runs.
    ///   - call: by which it is asked for; nil for the daemon's own wish.
    func runTasks(
        _ input: RunTask.Input, restart: TaskRestart, _ call: APIContext? = nil
    ) async throws -> RunTask.Output {
        var times = RequestTimes(call)
        let messages = restart.elasticNetworkInterfaces ?? []
        let record = try await taskDefinition(input.taskDefinition, mayBeInactive: restart.precedingTaskID != nil)
        let definition = try record.definition.applying(input.overrides)
        let count = input.count ?? 1
        var subnets: [String] = []
        if messages.isEmpty {
            let awsvpc = try NetworkConfiguration.validate(
                input.networkConfiguration, networkMode: definition.effectiveNetworkMode, launchType: input.launchType,
                mostSecurityGroups: configuration.securityGroupsPerInterface)
            subnets = try awsvpc?.resolve(in: configuration.subnets).map(\.id) ?? []
        } else if count != 1 {
            throw APIError.invalidParameter("count must be 1 where the task's network interfaces are given.")
        }
        let named = input.networkConfiguration?.awsvpcConfiguration?.securityGroups
        let groupIDs = try await network.groups.resolve(named)
        let given = try await network.groups.resolve(messages, otherwise: groupIDs)
        try definition.checkRunnable(with: await engine.images)
        times.checked = .now

        var output = RunTask.Output(tasks: [])
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<count {
            do {
                let id = ResourceID.task(using: &generator)
                let records = try await times.tracedRequest {
                    let network = try await traced(.lease) {
                        try await takeInterfaces(
                            given, waiting: restart.waitTimeoutMs, of: id, in: subnets, groupIDs: groupIDs)
                    }
                    return try await runOne(id, input, record, definition, network, restart)
                }
                output.tasks?.append(ECSTask(records))
            } catch let error as AddressPoolError {
                output.failures?.append(Failure(arn: nil, reason: "RESOURCE:ENI", detail: "\(error)"))
            } catch  where output.tasks?.isEmpty == false {
                // The caller must hear of those that run.
                output.failures?.append(Failure(arn: nil, reason: "AGENT", detail: "\(error)"))
                return output
            }
        }
        return output
    }

    /// What a RunTask with the same token was answered: a caller that did not hear the answer may ask again.
    private func answered(_ token: String) async throws -> RunTask.Output? {
        let earlier = try await store.read { store in
            try store.tasks(clientToken: token).map { try TaskRecords($0, in: store) }
        }
        return earlier.isEmpty ? nil : RunTask.Output(tasks: earlier.map { ECSTask($0) })
    }

    private func taskDefinition(_ text: String, mayBeInactive: Bool) async throws -> TaskDefinitionRecord {
        let reference = try TaskDefinitionReference(parsing: text)
        let found = try await store.read { store in
            if let revision = reference.revision {
                try store.taskDefinition(family: reference.family, revision: revision)
            } else {
                try store.latestActiveTaskDefinition(family: reference.family)
            }
        }
        guard let found else { throw APIError.taskDefinitionNotFound }
        guard mayBeInactive || found.definition.status == .active else { throw APIError.taskDefinitionInactive }
        return found
    }

    /// A new task's ENIs, with all their addresses taken.
    private struct TakenInterfaces: Sendable {
        var interfaces: [NetworkInterfaceRecord]
        var leases: [AddressLease]
        /// Whether the addresses were the next in their subnet's turn.
        var areInTurn: Bool
    }

    private func takeInterfaces(
        _ given: [ElasticNetworkInterface], waiting milliseconds: Int?, of taskID: String, in subnets: [String],
        groupIDs: [String]
    ) async throws -> TakenInterfaces {
        guard !given.isEmpty else {
            var made = try await network.allocate(taskID: taskID, subnets: subnets)
            made.interface.networkInterface.securityGroupIDs = groupIDs
            return TakenInterfaces(interfaces: [made.interface], leases: made.leases, areInTurn: true)
        }
        var taken = try await network.take(given, origin: .given, waiting: milliseconds)
        for index in taken.interfaces.indices {
            taken.interfaces[index].taskID = taskID
            taken.interfaces[index].networkInterface.index = index
        }
        return TakenInterfaces(interfaces: taken.interfaces, leases: taken.leases, areInTurn: false)
    }

    private func runOne(
        _ id: String, _ input: RunTask.Input, _ registered: TaskDefinitionRecord, _ definition: TaskDefinition,
        _ taken: TakenInterfaces, _ restart: TaskRestart
    ) async throws -> TaskRecords {
        var generator = SystemRandomNumberGenerator()
        let interfaces = taken.interfaces
        let context = context
        let records: TaskRecords
        do {
            var task = try makeTask(id, input, registered, definition, primary: interfaces.first?.networkInterface)
            if try TaskRestartPolicy(task.tags) == .always { task.restart = restart }
            let containers = definition.containerDefinitions.map { makeContainer($0, of: task, using: &generator) }
            records = TaskRecords(task: task, containers: containers, interfaces: interfaces)
            // What is answered with a task holds also over a power cut: one that is to come back does.
            try await traced(.record) { [records] in
                try await store.write(.host) { store in
                    // In the same transaction: nobody deletes them in between.
                    let ids = records.interfaces.flatMap { $0.networkInterface.securityGroupIDs ?? [] }
                    try store.require(securityGroups: ids, context.configuration.value)
                    if let preceding = restart.precedingTaskID, try !store.deletePendingRestart(taskID: preceding) {
                        throw RestartRefusal.givenUp
                    }
                    try store.insert(records.task)
                    try store.insert(records.containers)
                    for interface in records.interfaces { try store.insert(interface) }
                    for lease in taken.leases { try store.insert(lease) }
                    if taken.areInTurn { for lease in taken.leases { try store.setLastAddress(lease) } }
                }
            }
        } catch {
            await network.free(taken.leases)
            throw error
        }
        FaultPoint.pass(FaultPoints.taskRecorded)
        context.traces.keepCurrent(of: id)
        await traced(.supervisor) { await engine.begin(id) }
        return records
    }

    private func makeTask(
        _ id: String, _ input: RunTask.Input, _ registered: TaskDefinitionRecord, _ definition: TaskDefinition,
        primary: NetworkInterface?
    ) throws -> TaskRecord {
        let now = Timestamp.now()
        var task = TaskRecord(
            id: id, arn: configuration.arn(ofTask: id).description, family: registered.family,
            revision: registered.revision,
            launchType: input.launchType ?? .external, createdAt: now)
        task.connectivity = "CONNECTED"
        task.connectivityAt = now
        task.availabilityZone =
            primary?.subnetID.flatMap(configuration.subnet(id:))?.availabilityZone ?? configuration.availabilityZone
        task.cpu = definition.cpu
        task.memory = definition.memory
        task.group = input.group ?? "family:\(registered.family)"
        task.startedBy = input.startedBy
        task.tags = input.tags ?? (input.propagateTags == .taskDefinition ? registered.tags : [])
        task.enableExecuteCommand = input.enableExecuteCommand ?? false
        if let token = input.clientToken, !token.isEmpty {
            task.clientToken = token
            task.requestDigest = try input.digest()
        }
        task.overrides = input.overrides
        task.namespacePath = configuration.namespacePath(id).string
        task.hostname = primary?.hostname
        return task
    }

    private func makeContainer(
        _ definition: ContainerDefinition, of task: TaskRecord, using generator: inout SystemRandomNumberGenerator
    ) -> ContainerRecord {
        let id = ResourceID.uuid(using: &generator)
        var container = ContainerRecord(
            taskID: task.id, name: definition.name, id: id,
            arn: ContainerARN(task: configuration.arn(ofTask: task.id), id: id).description, image: definition.image,
            isEssential: definition.isEssential)
        container.runtimeID = "\(task.id)-\(UInt32.random(in: 0 ... .max, using: &generator))"
        container.createdAt = task.createdAt
        container.cpu = "\(definition.cpu ?? 0)"
        container.memory = definition.memory.map(String.init)
        container.memoryReservation = definition.memoryReservation.map(String.init)
        return container
    }
}

/// When a request for tasks came, and how far it was when.
private struct RequestTimes {
    let arrived: ContinuousClock.Instant
    let decoded: ContinuousClock.Instant
    var checked: ContinuousClock.Instant

    /// - Parameter call: nil for what nobody has asked for.
    init(_ call: APIContext?) {
        arrived = call?.arrived ?? .now
        decoded = call?.decoded ?? arrived
        checked = decoded
    }

    /// Does what the request still comes to for one task, as the beginning of its way.
    func tracedRequest<Result: Sendable>(_ body: () async throws -> Result) async rethrows -> Result {
        try await Trace.follow(Trace(.start, since: arrived)) {
            try await traced(.request, since: arrived) {
                TracePlace.add(.decode, from: arrived, to: decoded)
                TracePlace.add(.check, from: decoded, to: checked)
                return try await body()
            }
        }
    }
}

extension RunTask.Input {
    /// The same for the same request, and most likely not for another.
    fileprivate func digest() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        var hash = StableHash()
        hash.combine(try encoder.encode(self))
        return String(hash.value, radix: 16)
    }
}
