// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import ServiceLifecycle
import TaskDefinitions
import VPC

/// Answers what has happened, at once or when something does.
struct EventOperations: AgentPart {
    let context: AgentContext

    private var configuration: AgentConfiguration { context.configuration.value }

    func register(in dispatcher: inout APIDispatcher) {
        dispatcher.register(TaskNetworkAPI.ListEvents.self) { input, context in try await list(input, context) }
    }

    private func list(
        _ input: TaskNetworkAPI.ListEvents.Input, _ caller: APIContext
    ) async throws -> TaskNetworkAPI.ListEvents.Output {
        try input.validate()
        try configuration.requireCluster(input.cluster)
        let question = try EventQuestion(input)
        guard let seconds = input.waitSeconds, seconds > 0 else { return try await answer(question) }
        return try await caller.whileCallerWaits { try await answer(question, within: .seconds(seconds)) }
    }

    private func answer(_ question: EventQuestion) async throws -> TaskNetworkAPI.ListEvents.Output {
        let found = try await context.store.read { try question.ask($0) }
        let configuration = configuration
        return .init(
            events: found.events.map { configuration.describe($0) }, nextToken: found.nextToken,
            lastSequence: found.last, firstSequence: found.first)
    }

    /// The first answer that has events, or says that the number is of another state's list; or the last within the time.
    /// The end of the daemon ends the wait.
    private func answer(
        _ question: EventQuestion, within wait: Duration
    ) async throws -> TaskNetworkAPI.ListEvents.Output {
        // Before the first look, so that nothing comes between the two.
        let following = context.store.eventFeed.follow()
        let timer = Task {
            try? await Task.sleep(for: wait)
            following.end()
        }
        defer { timer.cancel() }
        return try await withGracefulShutdownHandler {
            var output = try await answer(question)
            var commits = following.commits.makeAsyncIterator()
            while output.events.isEmpty, output.lastSequence >= question.after, await commits.next() != nil {
                output = try await answer(question)
            }
            return output
        } onGracefulShutdown: {
            following.end()
        }
    }
}

/// What a caller wants to know of the events.
private struct EventQuestion: Sendable {
    var filter: EventFilter
    var after: Int64
    /// Nil for the oldest first.
    var before: Int64?
    var limit: Int

    struct Answer: Sendable {
        var events: [EventRecord]
        var nextToken: String?
        var last: Int64
        var first: Int64
    }

    init(_ input: TaskNetworkAPI.ListEvents.Input) throws {
        filter = EventFilter(
            taskIDs: try input.tasks?.map { try TaskReference.id(of: $0) }, kinds: input.kinds?.map(\.rawValue),
            since: input.since)
        limit = input.maxResults ?? PageSize.most
        let token = try input.nextToken.map { text in
            guard let sequence = Int64(try PageToken(text: text, fields: 1).fields[0]) else {
                throw StoreError.invalidToken
            }
            return sequence
        }
        after = input.afterSequence ?? 0
        if input.sort == .descending { before = token ?? .max } else { after = max(after, token ?? 0) }
    }

    func ask(_ store: StoreTransaction) throws -> Answer {
        let last = try store.lastEventSequence()
        let first = try store.oldestEvent()?.sequence ?? last + 1
        // One more than the limit where there are more.
        let found =
            if let before {
                try store.newestEvents(filter, before: before, limit: limit + 1).filter { $0.sequence > after }
            } else {
                try store.events(filter, after: after, limit: limit + 1)
            }
        let page = Page(found, limit: limit) { PageToken(fields: [String($0.sequence)]) }
        let isPart = page.nextToken != nil && before == nil
        return Answer(
            events: page.items, nextToken: page.nextToken,
            last: isPart ? page.items.last?.sequence ?? last : last, first: first)
    }
}

extension AgentConfiguration {
    fileprivate func describe(_ record: EventRecord) -> Event {
        var event = Event(sequence: record.sequence, time: record.time, kind: record.kind, subject: record.subject)
        event.taskArn = record.taskID.map { arn(ofTask: $0).description }
        event.fromStatus = record.from
        event.toStatus = record.to
        event.cause = record.cause
        return event
    }
}
