// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing
import VPC

@testable import Agent

@Suite("Reconciler: what ought to be there", .requiresRoot)
struct ExpectationTests {
    @Test("A task's network from when it is made to when it is to go, whether the task runs yet or not")
    func ofTasks() async throws {
        try await NetworkHost.with { host in
            func isExpected() async throws -> Bool {
                try await host.store.read { try $0.allExpectations().map(\.owner).contains(.task("a")) }
            }
            let service = try await host.startService()
            let task = try await host.recordTask("a", on: service)
            #expect(try await !isExpected())
            _ = try await service.provision(task)
            for status in [TaskStatus.provisioning, .pending, .running] {
                try await host.change(task) { $0.lastStatus = status }
                #expect(try await isExpected(), "\(status)")
            }
            try await host.change(task) { $0.stopCode = .userInitiated }
            #expect(try await !isExpected())
            await service.release(task)
        }
    }
}
