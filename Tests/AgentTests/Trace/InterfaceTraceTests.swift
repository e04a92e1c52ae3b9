// SPDX-License-Identifier: Apache-2.0
import TestSupport
import Testing
import VPC

@testable import Agent

/// The ways of ENIs that are no task's own.
@Suite("Traces of ENIs", .requiresRoot)
struct InterfaceTraceTests {
    private func top(_ trace: Trace?) -> [String] {
        trace?.contents.steps.filter { $0.parent == nil }.map(\.step.name) ?? []
    }

    @Test("One that comes to a running task has ways of its own", .timeLimit(.minutes(1)))
    func attached() async throws {
        try await NetworkHost.with { host in
            let service = try await host.startService()
            let task = try await host.runTask("a", on: service)
            let interface = try host.makeDevice("nic0", 10)
            let records = try await service.begin(attaching: [interface], to: task)
            #expect(try await host.settled(interface) == .attached)
            try await service.detach(try #require(records.first), from: task.id)
            let ways = try #require(host.context.traces[interface.id])
            #expect(top(ways.start) == ["network"])
            #expect(top(ways.stop) == ["network.release"])
            let inner = ways.start?.contents.steps.map(\.step.name) ?? []
            #expect(["turn", "intent", "kernel", "host.device", "outcome"].allSatisfy(inner.contains), "\(inner)")
            #expect(ways.stop?.isOver == true)
            await service.release(task)
        }
    }
}
