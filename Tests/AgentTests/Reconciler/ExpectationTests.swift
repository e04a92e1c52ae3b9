// SPDX-License-Identifier: Apache-2.0
import Netlink
import TaskNetworking
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
    @Test("A sandbox's host end as it was made is nothing to compare the sandbox for; one that somebody has changed is")
    func hostEndOfASandbox() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            try await daemon.add(to: try host.makeSandbox())
            let stored = try await host.base.store.read { try $0.allExpectations() }
            let expectations = try stored.flatMap { try $0.expectations() }
            let expectation = try #require(expectations.first { if case .sandbox = $0.owner { true } else { false } })
            let connection = try RouteConnection(in: host.base.host.namespace)
            func hostEnd() throws -> Link {
                try #require(try connection.links().first { $0.networkInterfaceID != nil })
            }
            let made = try hostEnd()
            #expect(!expectation.isTouched(by: .hostEnd(made, isRemoved: false)))
            #expect(expectation.isTouched(by: .hostEnd(made, isRemoved: true)))
            try connection.apply(.changeLink(.index(made.index), LinkChange(isUp: false)))
            #expect(expectation.isTouched(by: .hostEnd(try hostEnd(), isRemoved: false)))
        }
    }
}
