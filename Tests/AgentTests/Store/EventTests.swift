// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Synchronization
import TaskDefinitions
import Testing
import VPC

@testable import Agent

@Suite("Store: events")
struct EventTests {
    private let directory: TemporaryDirectory
    private let store: Store

    init() throws {
        directory = try TemporaryDirectory()
        store = try Store(directory: directory.path)
    }

    private static func event(_ subject: String, at milliseconds: Int64 = 0, task: String? = nil) -> EventRecord {
        EventRecord(
            .host, subject: subject, taskID: task, time: Timestamp(millisecondsSince1970: milliseconds))
    }

    private func subjects(_ filter: EventFilter = EventFilter(), after: Int64 = 0) async throws -> [String] {
        try await store.read { try $0.events(filter, after: after, limit: 1000).map(\.subject) }
    }

    @Test("An event is kept whole, under the next number")
    func kept() async throws {
        var event = EventRecord(
            .repair, subject: "eni-1", taskID: "a", from: "MISSING", to: "REPAIRED", cause: "eth0 was down",
            time: Timestamp(millisecondsSince1970: 1_700_000_000_123))
        let record = event
        let numbers = try await store.write { store in [try store.append(record), try store.append(record)] }
        #expect(numbers == [1, 2])
        event.sequence = 2
        let (found, last) = try await store.read { (try $0.events(after: 1, limit: 9), try $0.lastEventSequence()) }
        #expect(found == [event])
        #expect(last == 2)
    }

    @Test("Each change of a status is in the list, with its cause; another change is not")
    func transitions() async throws {
        let interface = try StoreRecordTests.interface("eni-1", mac: 1, task: "a")
        try await store.write { store in
            _ = try store.insertTaskDefinition(family: "web") { StoreRecordTests.definition("web", revision: $0) }
            try store.insert(StoreRecordTests.task("a"))
            try store.insert([ContainerRecord(taskID: "a", name: "app", id: "1", arn: "arn:1", image: "busybox")])
            try store.insert(interface)
            try store.updateTask("a") { $0.startedBy = "me" }
            try store.updateTask("a") { $0.lastStatus = .pending }
            try store.updateContainer("app", ofTask: "a") { $0.lastStatus = .running }
            try store.updateContainer("app", ofTask: "a") {
                $0.lastStatus = .stopped
                $0.exitCode = 3
                $0.reason = "too late"
            }
            try store.updateNetworkInterface("eni-1") {
                $0.status = .failed
                $0.statusReason = "no device came"
            }
            try store.updateTask("a") {
                $0.lastStatus = .stopped
                $0.stopCode = .essentialContainerExited
                $0.stoppedReason = "app ended"
            }
        }
        let events = try await store.read { try $0.events(limit: 100) }
        let texts = events.map { event in
            [event.kind.rawValue, event.subject, event.taskID, event.from, event.to, event.cause].map { $0 ?? "-" }
                .joined(separator: " ")
        }
        #expect(
            texts == [
                "TASK a a - PROVISIONING -", "ATTACHMENT eni-1 a - PRECREATED -", "TASK a a PROVISIONING PENDING -",
                "CONTAINER app a PENDING RUNNING -", "CONTAINER app a RUNNING STOPPED exit code 3, too late",
                "ATTACHMENT eni-1 a PRECREATED FAILED no device came",
                "TASK a a PENDING STOPPED EssentialContainerExited: app ended",
            ])
    }

    @Test("What is not done is not told")
    func rolledBack() async throws {
        struct Change: Error {}
        let store = store
        try await store.write { try $0.append(Self.event("first")) }
        await #expect(throws: Change.self) {
            try await store.write { store in
                try store.append(Self.event("never"))
                throw Change()
            }
        }
        let next = try await store.write { try $0.append(Self.event("second")) }
        #expect(next == 2)
        #expect(try await subjects() == ["first", "second"])
    }

    @Test("Events are found by task, kind and time, from either end")
    func filters() async throws {
        try await store.write { store in
            for number in 1...6 {
                try store.append(
                    Self.event("\(number)", at: Int64(number), task: number.isMultiple(of: 2) ? "a" : "b"))
            }
            try store.append(EventRecord(.removal, subject: "7", time: Timestamp(millisecondsSince1970: 7)))
        }
        #expect(try await subjects(EventFilter(taskIDs: ["a"])) == ["2", "4", "6"])
        #expect(try await subjects(EventFilter(taskIDs: ["a", "b"], kinds: ["HOST"]), after: 4) == ["5", "6"])
        #expect(try await subjects(EventFilter(kinds: ["REMOVAL"])) == ["7"])
        #expect(try await subjects(EventFilter(since: Timestamp(millisecondsSince1970: 6))) == ["6", "7"])
        let newest = try await store.read { try $0.newestEvents(EventFilter(taskIDs: ["a"]), before: 6, limit: 1) }
        #expect(newest.map(\.subject) == ["4"])
    }

    @Test("The list is bounded, and no number is given twice")
    func bounded() async throws {
        store.eventFeed.maximum = 100
        for _ in 0..<10 {
            try await store.write { store in for _ in 0..<100 { try store.append(Self.event("x")) } }
        }
        let count = try await store.read { try $0.events(limit: 10_000).map(\.sequence) }
        #expect((100..<164).contains(count.count))
        #expect(count.last == 1000)
        try await store.write { try $0.deleteEvents(before: Timestamp(millisecondsSince1970: 1)) }
        #expect(try await subjects().isEmpty)
        #expect(try await store.write { try $0.append(Self.event("x")) } == 1001)
    }

    @Test("Old events go up to the first that is not, whatever the clock did")
    func forgotten() async throws {
        try await store.write { store in
            for time: Int64 in [10, 20, 30, 15, 40] { try store.append(Self.event("\(time)", at: time)) }
            try store.deleteEvents(before: Timestamp(millisecondsSince1970: 25))
        }
        #expect(try await subjects() == ["30", "15", "40"])
        try await store.write { try $0.deleteEvents(before: Timestamp(millisecondsSince1970: 50)) }
        #expect(try await subjects().isEmpty)
    }

    @Test("A cause is cut where it would make the list grow")
    func longCause() async throws {
        let long = String(repeating: "ä", count: 10_000)
        try await store.write { try $0.append(EventRecord(.host, subject: "a", cause: long)) }
        let cause = try await store.read { try $0.events(limit: 1).first?.cause }
        #expect(cause == String(long.prefix(EventRecord.longestCause)))
    }

    @Test("Who follows is told of each commit that adds events, and of no other")
    func followed() async throws {
        let following = store.eventFeed.follow()
        try await store.write { try $0.setMetadata("a", "1") }
        try await store.write { store in
            try store.append(Self.event("a"))
            try store.append(Self.event("b"))
        }
        following.end()
        var told = 0
        for await _ in following.commits { told += 1 }
        #expect(told == 1)
    }
}
