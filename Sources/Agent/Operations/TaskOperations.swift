// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Logging
import VPC

/// RunTask, StopTask, DescribeTasks and ListTasks.
struct TaskOperations: AgentPart {
    let context: AgentContext
    let network: TaskNetworkService
    let engine: TaskEngine
    /// Who knows which tasks have not the network that they ought to have.
    var reconciler: Reconciler?
    let callsUnderWay = RunTaskCalls()

    var configuration: AgentConfiguration { context.configuration.value }
    var store: Store { context.store }

    func register(in dispatcher: inout APIDispatcher) {
        dispatcher.register(RunTask.self) { input, context in try await runTask(input, given: [], of: context) }
        dispatcher.register(TaskNetworkAPI.RunTask.self) { input, context in
            try input.validate()
            return try await runTask(
                input.task, given: input.elasticNetworkInterfaces, waiting: input.waitTimeoutMs, of: context)
        }
        dispatcher.register(StopTask.self) { input, context in try await stopTask(input, of: context) }
        dispatcher.register(DescribeTasks.self) { input, _ in try await describeTasks(input) }
        dispatcher.register(ListTasks.self) { input, _ in try await listTasks(input) }
    }

    private func stopTask(_ input: StopTask.Input, of call: APIContext) async throws -> StopTask.Output {
        try input.validate()
        try configuration.requireCluster(input.cluster)
        let id = try TaskReference.id(of: input.task)
        let reason = input.reason ?? "Task stopped by user"
        // Before the supervisor hears of it: what the caller is answered holds, also when the daemon, or the host, ends now.
        let records = try await store.write(.host) { store in
            let task = try store.updateTask(id) { task in
                task.restart?.isOver = true
                guard task.lastStatus != .stopped, task.stopCode == nil else { return }
                task.desiredStatus = .stopped
                task.stopCode = .userInitiated
                task.stoppedReason = reason
                task.stoppingAt = .now()
                task.version += 1
            }
            guard let task else { throw APIError.taskNotFound }
            try store.deletePendingRestart(taskID: id)
            return try TaskRecords(task, in: store)
        }
        if records.task.lastStatus != .stopped {
            context.traces.begin(.stop, of: id, since: call.arrived).add(
                .path(.request), in: nil, from: call.arrived, to: .now)
        }
        await engine.stop(id, reason: reason)
        return StopTask.Output(task: ECSTask(records))
    }

    private func describeTasks(_ input: DescribeTasks.Input) async throws -> DescribeTasks.Output {
        try input.validate()
        try configuration.requireCluster(input.cluster)
        let ids = try input.tasks.map { try TaskReference.id(of: $0) }
        let found = try await store.read { store in
            try ids.map { id in try store.task(id: id).map { try TaskRecords($0, in: store) } }
        }
        let disconnected = await reconciler?.disconnectedTasks ?? [:]
        let includesTags = input.include?.contains(.tags) ?? false
        var output = DescribeTasks.Output(tasks: [])
        for (id, records) in zip(ids, found) {
            if let records {
                var task = ECSTask(records, includingTags: includesTags)
                if let since = disconnected[id] { (task.connectivity, task.connectivityAt) = ("DISCONNECTED", since) }
                output.tasks?.append(task)
            } else {
                output.failures?.append(.missing(configuration.arn(ofTask: id).description))
            }
        }
        return output
    }

    private func listTasks(_ input: ListTasks.Input) async throws -> ListTasks.Output {
        try input.validate()
        try configuration.requireCluster(input.cluster)
        // A filter that is not understood must not list everything: somebody may stop what is listed.
        if input.serviceName != nil { throw APIError.serviceNotFound }
        if input.daemonName != nil { throw APIError.invalidParameter("daemonName: there are no daemons here") }
        if let instance = input.containerInstance {
            throw APIError.invalidParameter(
                "containerInstance \(instance): tasks are not listed by it, because all are on this host; leave it out")
        }
        let filter = TaskFilter(
            desiredStatus: input.desiredStatus ?? .running, family: input.family, startedBy: input.startedBy,
            launchType: input.launchType)
        let page = try await store.read {
            try $0.tasks(filter, limit: input.maxResults ?? PageSize.most, after: input.nextToken)
        }
        return ListTasks.Output(taskArns: page.items.map(\.arn), nextToken: page.nextToken)
    }
}
