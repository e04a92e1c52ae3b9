// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Testing
import VPC

@testable import Agent

@Suite("Tasks that come back")
struct PendingRestartTests {
    private let now = Timestamp(millisecondsSince1970: 1_000_000)

    private func ended(_ code: TaskStopCode, ranFor seconds: Int64? = nil, attempt: Int = 0) -> TaskRecord {
        var task = StoreRecordTests.task("a")
        task.restart = TaskRestart(networkConfiguration: nil)
        task.restart?.attempt = attempt
        task.stopCode = code
        task.stoppingAt = now
        task.startedAt = seconds.map { now.advanced(by: .seconds(-$0)) }
        return task
    }

    @Test("the delay doubles from 1 s to 1 min")
    func delays() {
        let delays = (0...8).map { PendingRestart.delay(afterAttempts: $0) }
        #expect(delays == [1, 2, 4, 8, 16, 32, 60, 60, 60].map { .seconds($0) })
        #expect(PendingRestart.delay(afterAttempts: .max) == .seconds(60))
    }

    @Test("each that ends soon makes the next one wait longer; one that ran for a while begins anew")
    func attempts() throws {
        let third = try #require(
            PendingRestart(after: ended(.essentialContainerExited, ranFor: 9, attempt: 2), at: now))
        #expect(third.due == now.advanced(by: .seconds(4)))
        #expect(third.attempt == 3)
        let anew = try #require(
            PendingRestart(after: ended(.essentialContainerExited, ranFor: 10, attempt: 5), at: now))
        #expect(anew.due == now.advanced(by: .seconds(1)))
        #expect(anew.attempt == 1)
        let never = try #require(PendingRestart(after: ended(.taskFailedToStart, attempt: 0), at: now))
        #expect(never.due == now.advanced(by: .seconds(1)))
    }

    @Test("the end of the host or of the daemon says nothing about the task: it comes at once")
    func terminationNotice() throws {
        let restart = try #require(PendingRestart(after: ended(.terminationNotice, attempt: 7), at: now))
        #expect(restart.due == now)
        #expect(restart.attempt == 0)
    }

    @Test("what was told to stop, or is not marked, does not come back")
    func over() {
        #expect(PendingRestart(after: ended(.userInitiated), at: now) == nil)
        var told = ended(.essentialContainerExited)
        told.restart?.isOver = true
        #expect(PendingRestart(after: told, at: now) == nil)
        var unmarked = ended(.essentialContainerExited)
        unmarked.restart = nil
        #expect(PendingRestart(after: unmarked, at: now) == nil)
    }

    @Test("it is noted with the task's end, and keeps the task from being forgotten")
    func store() async throws {
        let directory = try TemporaryDirectory()
        let store = try Store(directory: directory.path)
        let pending = try await store.write { store in
            _ = try store.insertTaskDefinition(family: "web") { StoreRecordTests.definition("web", revision: $0) }
            var task = StoreRecordTests.task("a")
            task.restart = TaskRestart(networkConfiguration: nil)
            try store.insert(task)
            try store.updateTask("a") { task in
                task.stopCode = .essentialContainerExited
                task.lastStatus = .stopped
                task.stoppedAt = .now()
            }
            return try store.pendingRestarts()
        }
        #expect(pending.map(\.taskID) == ["a"])
        #expect(try await !store.read { try $0.isForgettable("a") })
        #expect(try await store.write { try $0.deletePendingRestart(taskID: "a") })
        #expect(try await !store.write { try $0.deletePendingRestart(taskID: "a") })
        #expect(try await store.read { try $0.isForgettable("a") })
    }

    @Test("a reboot ends what ran, once, and what waits for a task waits on")
    func reboot() async throws {
        let directory = try TemporaryDirectory()
        let store = try Store(directory: directory.path)
        try await store.write { store in
            _ = try store.insertTaskDefinition(family: "web") { StoreRecordTests.definition("web", revision: $0) }
            try store.insert(StoreRecordTests.task("a"))
            var container = ContainerRecord(
                taskID: "a", name: "web", id: "1", arn: "arn:1", image: "host", lastStatus: .running)
            container.startedAt = .now()
            container.process = .init(processID: 1, startTime: 1)
            try store.insert([container])
            try store.insert(StoreRecordTests.interface("eni-1", mac: 1, task: "a"))
            try store.insert(StoreRecordTests.interface("eni-2", mac: 2))
            for (address, eni) in [("10.0.0.4", "eni-1"), ("10.0.0.5", "eni-2")] {
                try store.insert(
                    AddressLease(address: try #require(.init(address)), subnetID: "s", networkInterfaceID: eni))
            }
            try store.setNetworkPlan("[]", taskID: "a")
        }
        #expect(try await store.write { try $0.endEarlierBoot() } == ["a"])
        let (task, container, interfaces, leases, plan) = try await store.read { store in
            (
                try store.task(id: "a"), try store.containers(taskID: "a").first,
                try [store.networkInterface(id: "eni-1"), store.networkInterface(id: "eni-2")].map { $0?.status },
                try store.leases().map(\.networkInterfaceID), try store.networkPlan(taskID: "a")
            )
        }
        #expect(task?.lastStatus == .stopped)
        #expect(task?.stopCode == .terminationNotice)
        #expect(container?.lastStatus == .stopped)
        #expect(container?.exitCode == nil)
        #expect(container?.process == nil)
        #expect(interfaces.first == .detached || interfaces.first == .deleted)
        #expect(interfaces.last == .precreated)
        #expect(leases == ["eni-2"])
        #expect(plan == nil)
        #expect(try await store.write { try $0.endEarlierBoot() }.isEmpty)
    }
}
