// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import VPC

/// Answers where the time went.
struct TraceOperations: AgentPart {
    let context: AgentContext

    private var configuration: AgentConfiguration { context.configuration.value }

    func register(in dispatcher: inout APIDispatcher) {
        dispatcher.register(TaskNetworkAPI.DescribeTaskTrace.self) { input, _ in try await describe(input) }
    }

    private func describe(
        _ input: TaskNetworkAPI.DescribeTaskTrace.Input
    ) async throws -> TaskNetworkAPI.DescribeTaskTrace.Output {
        try input.validate()
        try configuration.requireCluster(input.cluster)
        if let id = input.networkInterfaceId { return try await describe(interface: id) }
        return try await describe(task: try TaskReference.id(of: input.task ?? ""))
    }

    private func describe(task id: String) async throws -> TaskTrace {
        let ways = context.traces[id]
        let details = try await context.store.read { store in
            let task = try store.task(id: id)
            return try task.map { _ in
                TraceDetails(
                    containers: try store.containers(taskID: id).map(\.name),
                    plan: try store.networkPlans(taskID: id).first(where: \.isWhole)?.plan)
            }
        }
        // One that is forgotten may still have a trace.
        guard ways != nil || details != nil else { throw APIError.taskNotFound }
        return context.traces.describe(
            ways, TaskTrace(taskArn: configuration.arn(ofTask: id).description, networkInterfaceId: nil),
            details ?? TraceDetails())
    }

    /// A sandbox's ENI has a trace of its own, and so has one that was attached to a running task; others are their task's.
    private func describe(interface id: String) async throws -> TaskTrace {
        let ways = context.traces[id]
        let (record, plan) = try await context.store.read { store in
            let record = try store.networkInterface(id: id)
            let plans = try record?.taskID.map { try store.networkPlans(taskID: $0) }
            return (
                record,
                try plans?.first { $0.networkInterfaceID == id }?.plan ?? store.sandboxPlan(networkInterfaceID: id)
            )
        }
        if let record, let task = record.taskID, !record.isHotAttached { return try await describe(task: task) }
        guard ways != nil || record != nil else {
            throw ValidationFailure(
                .interfaceNotFound, "The networkInterface ID '\(id.shortened)' does not exist",
                detail: "tasknet eni list shows those that there are")
        }
        let task = record?.taskID.map { configuration.arn(ofTask: $0).description }
        return context.traces.describe(
            ways, TaskTrace(taskArn: task, networkInterfaceId: id), TraceDetails(plan: plan))
    }
}
