// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Logging
import ServiceLifecycle
import Testing
import VPC

@testable import Agent

@Suite("Events: history")
struct EventHistoryTests {
    private func texts(_ context: AgentContext) async throws -> [String] {
        try await context.store.read { store in
            try store.events(limit: 100).map { "\($0.subject) \($0.to ?? "-") \($0.cause ?? "-")" }
        }
    }

    private func run(_ history: EventHistory, until body: () async throws -> Void) async throws {
        try await history.prepare()
        let group = ServiceGroup(
            services: [history], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        async let ended: Void = group.run()
        try await body()
        await group.triggerGracefulShutdown()
        try await ended
    }

    @Test("The daemon's start and end are in it, and that it did not end in order")
    func starts() async throws {
        let api = try TestAPI()
        try await run(EventHistory(api.context)) {}
        try await EventHistory(api.context).prepare()
        try await EventHistory(api.context).prepare()
        #expect(
            try await texts(api.context) == [
                "tasknetd STARTED version \(agentVersion)", "tasknetd ENDED -",
                "tasknetd STARTED version \(agentVersion)",
                "tasknetd STARTED version \(agentVersion); the one before did not end in order",
            ])
    }

    @Test("Another version and a reboot are in it")
    func changes() async throws {
        let api = try TestAPI()
        try await api.context.store.write { try $0.recordStart(of: "0.0.9") }
        let rebooted = AgentContext(
            configuration: api.context.configuration, store: api.context.store, boot: .rebooted(previous: "x"),
            logger: api.context.logger)
        try await EventHistory(rebooted).prepare()
        #expect(
            try await texts(api.context).dropFirst() == [
                "host REBOOTED -",
                "tasknetd STARTED version \(agentVersion); the one before was 0.0.9; the one before did not end in order",
            ])
    }

    @Test("What is too old goes, at the start, with a configuration that keeps less, and by itself")
    func forgets() async throws {
        let api = try TestAPI()
        let context = api.context
        let old = Timestamp(millisecondsSince1970: Timestamp.now().millisecondsSince1970 - 4 * 3_600_000)
        try await context.store.write { try $0.append(EventRecord(.host, subject: "old", time: old)) }
        let history = EventHistory(context)
        try await run(history) {
            try await waitUntil("old") { try await !texts(context).contains("old - -") }
            #expect(try await texts(context).count == 1)
            var shorter = context.configuration.value
            shorter.eventRetention = .milliseconds(1)
            context.configuration.replace(shorter)
            await history.configurationChanged(.init())
            try await waitUntil("start") { try await texts(context).isEmpty }
            try await context.store.write { try $0.append(EventRecord(.host, subject: "next")) }
            try await waitUntil("next") { try await texts(context).isEmpty }
        }
    }

    private func waitUntil(_ what: String, _ isSo: () async throws -> Bool) async throws {
        let deadline = ContinuousClock.now + .seconds(20)
        while try await !isSo() {
            guard ContinuousClock.now < deadline else {
                Issue.record("not gone: \(what)")
                return
            }
            try await Task.sleep(for: .milliseconds(10))
        }
    }
}
