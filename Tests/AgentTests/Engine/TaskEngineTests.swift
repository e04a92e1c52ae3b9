// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Linux
import SystemPackage
import TestSupport
import Testing
import VPC

@testable import Agent

@Suite("Task engine", .requiresRoot)
struct TaskEngineTests {
    @Test("a task that cannot be taken over is ended with all that runs in it", .timeLimit(.minutes(1)))
    func givenUp() async throws {
        try await NetworkHost.with { host in
            let service = try await host.startService()
            let task = try await host.runTask("a", on: service)
            // Stands for the pause process: it too ends when it is told to.
            let process = try Program(path: "/bin/sleep", arguments: ["sleep", "1000"]).spawn()
            defer { _ = try? process.signal(9) }
            try await host.change(task) { task in
                task.pause = .init(processID: process.pid, startTime: process.startTime)
                task.overrides = TaskOverride(containerOverrides: [ContainerOverride(name: "nowhere", command: ["x"])])
            }
            try await host.store.write { store in
                var running = ContainerRecord(
                    taskID: "a", name: "web", id: "1", arn: "arn:1", image: "host", lastStatus: .running)
                running.startedAt = .now()
                running.process = .init(processID: process.pid, startTime: process.startTime)
                var ended = ContainerRecord(
                    taskID: "a", name: "init", id: "2", arn: "arn:2", image: "host", lastStatus: .stopped)
                ended.exitCode = 0
                try store.insert([running, ended])
            }

            let engine = try TaskEngine(host.context, network: service, stoppedTasks: StoppedTasks(host.context))
            try await engine.prepare()

            #expect(!process.isAlive)
            #expect(try process.reap() == .signaled(15))
            let (stopped, containers) = try await host.store.read { store in
                (try store.task(id: "a"), try store.containers(taskID: "a"))
            }
            #expect(stopped?.lastStatus == .stopped)
            #expect(stopped?.stoppedReason?.contains("nowhere") == true)
            #expect(containers.map(\.lastStatus) == [.stopped, .stopped])
            #expect(containers.map(\.exitCode) == [nil, 0])
            #expect(containers.first?.reason == "The task was given up, and the container with it")
            #expect(containers.first?.process == nil)
            #expect(try await host.store.read { try $0.networkPlan(taskID: "a") } == nil)
        }
    }
}
