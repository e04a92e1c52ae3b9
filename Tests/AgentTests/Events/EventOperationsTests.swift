// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Foundation
import ServiceLifecycle
import Testing
import VPC

@testable import Agent

@Suite("Events: the API")
struct EventOperationsTests {
    private let api: TestAPI

    init() throws {
        var api = try TestAPI()
        api.register(EventOperations(context: api.context))
        self.api = api
    }

    private func add(_ subjects: ClosedRange<Int>, kind: EventKind = .host) async throws {
        try await api.context.store.write { store in
            for subject in subjects { try store.append(EventRecord(kind, subject: "\(subject)")) }
        }
    }

    private struct Answer {
        var subjects: [String]
        var document: [String: Any]
        var nextToken: String? { document["nextToken"] as? String }
        var last: Int? { document["lastSequence"] as? Int }
        var first: Int? { document["firstSequence"] as? Int }
    }

    private func list(_ body: String) async throws -> Answer {
        let (status, document) = try await api.call("ListEvents", body, prefix: APITarget.taskNetwork)
        #expect(status == 200, "\(document)")
        let events = document["events"] as? [[String: Any]] ?? []
        return Answer(subjects: events.compactMap { $0["subject"] as? String }, document: document)
    }

    @Test("An event is told with all that is known of it")
    func whole() async throws {
        try await api.context.store.write { store in
            try store.append(
                EventRecord(
                    .attachment, subject: "eni-1", taskID: "a", from: "ATTACHING", to: "ATTACHED", cause: "why",
                    time: Timestamp(millisecondsSince1970: 1500)))
        }
        let answer = try await list("{}")
        let event = try #require((answer.document["events"] as? [[String: Any]])?.first)
        #expect(event["sequence"] as? Int == 1)
        #expect(event["time"] as? Double == 1.5)
        #expect(event["kind"] as? String == "ATTACHMENT")
        #expect(event["taskArn"] as? String == "arn:aws:ecs:us-east-1:000000000000:task/default/a")
        #expect(event["fromStatus"] as? String == "ATTACHING")
        #expect(event["toStatus"] as? String == "ATTACHED")
        #expect(event["cause"] as? String == "why")
    }

    @Test("A list comes in pages from either end, and says where what comes later begins")
    func pages() async throws {
        try await add(1...5)
        let first = try await list(#"{"maxResults": 2}"#)
        #expect(first.subjects == ["1", "2"])
        #expect(first.last == 2)
        let second = try await list(#"{"maxResults": 3, "nextToken": "\#(try #require(first.nextToken))"}"#)
        #expect(second.subjects == ["3", "4", "5"])
        #expect(second.nextToken == nil)
        #expect(second.last == 5)
        let newest = try await list(#"{"maxResults": 2, "sort": "DESC"}"#)
        #expect(newest.subjects == ["5", "4"])
        #expect(newest.last == 5)
        let older = try await list(
            #"{"maxResults": 9, "sort": "DESC", "afterSequence": 1, "nextToken": "\#(try #require(newest.nextToken))"}"#
        )
        #expect(older.subjects == ["3", "2"])
    }

    @Test("Who was away learns what is gone meanwhile")
    func gap() async throws {
        try await add(1...200)
        api.context.store.eventFeed.maximum = 100
        try await add(201...256)
        let answer = try await list(#"{"afterSequence": 10, "maxResults": 1}"#)
        #expect(answer.first == 157)
        #expect(answer.subjects == ["157"])
    }

    @Test("An answer waits for an event that is asked for, and for no other")
    func waits() async throws {
        try await add(1...1)
        async let answer = list(#"{"afterSequence": 1, "waitSeconds": 20, "kinds": ["REPAIR"]}"#)
        // In either order: one that comes before the question is found at once.
        try await add(2...2)
        try await add(3...3, kind: .repair)
        let found = try await answer
        #expect(found.subjects == ["3"])
        #expect(found.last == 3)
    }

    @Test("Nothing within the time is an empty answer, and a number of another state's is answered at once")
    func nothing() async throws {
        try await add(1...2)
        let answer = try await list(#"{"afterSequence": 2, "waitSeconds": 1}"#)
        #expect(answer.subjects.isEmpty)
        #expect(answer.last == 2)
        let start = ContinuousClock.now
        #expect(try await list(#"{"afterSequence": 900, "waitSeconds": 20}"#).last == 2)
        #expect(ContinuousClock.now - start < .seconds(15))
    }

    @Test("Who waits is answered when the daemon ends")
    func shutdown() async throws {
        struct Caller: Service {
            let body: @Sendable () async throws -> Void
            func run() async throws { try await body() }
        }
        let group = ServiceGroup(
            services: [
                Caller {
                    let answer = try await self.list(#"{"waitSeconds": 20}"#)
                    #expect(answer.subjects.isEmpty)
                }
            ], logger: api.context.logger)
        let start = ContinuousClock.now
        async let ended: Void = group.run()
        await group.triggerGracefulShutdown()
        try? await ended
        #expect(ContinuousClock.now - start < .seconds(15))
    }

    @Test(
        "What cannot be meant is refused",
        arguments: [
            (#"{"maxResults": 0}"#, "maxResults must be 1 to 1000."),
            (#"{"waitSeconds": 21}"#, "waitSeconds must be 0 to 20."),
            (#"{"waitSeconds": 2, "sort": "DESC"}"#, "waitSeconds goes with the order ASC."),
            (#"{"afterSequence": -1}"#, "afterSequence must be 0 or more."),
            (#"{"kinds": ["WEATHER"]}"#, "kinds can be TASK, CONTAINER, ATTACHMENT, REPAIR, REMOVAL, HOST."),
            (#"{"nextToken": "x"}"#, "Invalid token."), (#"{"tasks": ["not a task"]}"#, "task"),
        ])
    func refused(body: String, message: String) async throws {
        let error = try await api.error("ListEvents", body, prefix: APITarget.taskNetwork)
        #expect(error.hasPrefix("400 InvalidParameterException") && error.contains(message), "\(error)")
    }
}
