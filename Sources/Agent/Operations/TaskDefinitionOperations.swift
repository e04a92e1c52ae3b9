// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import FoundationEssentials
import TaskDefinitions

/// The operations on task definitions: all of them are the store's alone.
package struct TaskDefinitionOperations: AgentPart {
    private let context: AgentContext

    package init(context: AgentContext) { self.context = context }

    package func register(in dispatcher: inout APIDispatcher) {
        dispatcher.register(RegisterTaskDefinition.self) { input, request in
            try await registerDefinition(input, by: request.peer)
        }
        dispatcher.register(DescribeTaskDefinition.self) { input, _ in try await describe(input) }
        dispatcher.register(ListTaskDefinitions.self) { input, _ in try await list(input) }
        dispatcher.register(DeregisterTaskDefinition.self) { input, _ in try await deregister(input) }
    }

    private func registerDefinition(
        _ input: RegisterTaskDefinition.Input, by peer: ControlPeer
    ) async throws -> RegisterTaskDefinition.Output {
        let definition = try input.validate()
        let scope = context.configuration.value.arnScope
        // Revisions are promised: one that was told must not be given again after a power cut.
        let record = try await context.store.write(.host) { transaction in
            try transaction.insertTaskDefinition(family: definition.family) { revision in
                let arn = TaskDefinitionARN(scope: scope, family: definition.family, revision: revision)
                return TaskDefinitionRecord(
                    definition: definition.registered(
                        arn: arn.description, revision: revision, at: .now(), by: scope.principal(userID: peer.userID)),
                    tags: input.tags ?? [])
            }
        }
        return RegisterTaskDefinition.Output(
            taskDefinition: record.definition, tags: record.tags.isEmpty ? nil : record.tags)
    }

    private func describe(_ input: DescribeTaskDefinition.Input) async throws -> DescribeTaskDefinition.Output {
        guard let record = try await context.store.taskDefinition(input.taskDefinition) else {
            throw APIError.taskDefinitionNotDescribed
        }
        let includesTags = input.include?.contains(.tags) ?? false
        return DescribeTaskDefinition.Output(
            taskDefinition: record.definition, tags: includesTags ? record.tags : nil)
    }

    private func list(_ input: ListTaskDefinitions.Input) async throws -> ListTaskDefinitions.Output {
        try input.validate()
        let page = try await context.store.read { transaction in
            try transaction.taskDefinitions(
                family: input.familyPrefix, status: input.status ?? .active, descending: input.sort == .descending,
                limit: input.maxResults ?? PageSize.most, after: input.nextToken)
        }
        return ListTaskDefinitions.Output(
            taskDefinitionArns: page.items.compactMap(\.definition.taskDefinitionArn), nextToken: page.nextToken)
    }

    private func deregister(_ input: DeregisterTaskDefinition.Input) async throws -> DeregisterTaskDefinition.Output {
        let reference = try TaskDefinitionReference(parsing: input.taskDefinition)
        guard let revision = reference.revision else {
            throw APIError.client("Task definition revision is required. (write \(reference.family):<revision>)")
        }
        let definition = try await context.store.write(.host) { transaction in
            guard var record = try transaction.taskDefinition(family: reference.family, revision: revision) else {
                throw APIError.taskDefinitionDoesNotExist
            }
            guard record.definition.status == .active else { throw APIError.taskDefinitionAlreadyInactive }
            record.definition.status = .inactive
            record.definition.deregisteredAt = .now()
            try transaction.update(record)
            return record.definition
        }
        return DeregisterTaskDefinition.Output(taskDefinition: definition)
    }
}

extension Store {
    /// What `family`, `family:revision` or an ARN names: without a revision, the newest that is active.
    package func taskDefinition(_ text: String) async throws -> TaskDefinitionRecord? {
        let reference = try TaskDefinitionReference(parsing: text)
        return try await read { transaction in
            if let revision = reference.revision {
                try transaction.taskDefinition(family: reference.family, revision: revision)
            } else {
                try transaction.latestActiveTaskDefinition(family: reference.family)
            }
        }
    }
}
