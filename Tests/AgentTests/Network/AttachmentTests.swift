// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import TestSupport
import Testing
import VPC

@testable import Agent

@Suite("Network: ENIs from outside", .requiresRoot)
struct AttachmentTests {
    @Test("A device that is in the task already is found there by the next daemon", .timeLimit(.minutes(1)))
    func resumed() async throws {
        try await NetworkHost.with { host in
            let first = try await host.startService()
            let task = try await host.runTask("a", on: first)
            let interface = try host.makeDevice("nic0", 10)
            _ = try await first.begin(attaching: [interface.with(task: task.id)], to: task)
            #expect(try await host.settled(interface) == .attached)
            // As the daemon leaves it that is killed before it has noted that.
            _ = try await host.store.write { store in
                try store.updateNetworkInterface(interface.id) {
                    $0.status = .attaching
                    $0.expiresAt = .now()
                }
            }
            let second = try await host.startService()
            try await second.resumeAttachments(of: task)
            #expect(try await host.settled(interface) == .attached)
            let plans = try await host.store.read { try $0.networkPlans(taskID: task.id) }
            #expect(plans.map(\.networkInterfaceID) == [nil, interface.id])
            await second.release(task)
            try run(["ip", "link", "show", "nic0"], in: host.host.namespace)
        }
    }
}

extension NetworkInterfaceRecord {
    func with(task: String) -> NetworkInterfaceRecord {
        var interface = self
        interface.taskID = task
        return interface
    }
}
