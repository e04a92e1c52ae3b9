// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import GRDB
import Linux
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
                let rewind = """
                    UPDATE network_interfaces SET record = json_set(record, '$.status', 'ATTACHING') WHERE id = ?
                    """
                try store.database.execute(sql: rewind, arguments: [interface.id])
                try store.updateNetworkInterface(interface.id) { $0.expiresAt = .now() }
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

    @Test(
        "What could not be taken down is kept, with the addresses, for the next start",
        .timeLimit(.minutes(1)))
    func kept() async throws {
        try await NetworkHost.with { host in
            let first = try await host.startService()
            let whole = try #require(await host.free(first))
            let task = try await host.runTask("a", on: first)
            let interface = try host.makeDevice("nic0", 10)
            _ = try await first.begin(attaching: [interface.with(task: task.id)], to: task)
            #expect(try await host.settled(interface) == .attached)
            // The kernel refuses to take the device back: all names that it could have are taken, the one that it has in the
            // task too, because the move may come before the new name.
            let names = ["nic0", "eth1", "spare"] + (1...99).map { "nic0-\($0)" }
            let pairs = stride(from: 0, to: names.count, by: 2)
            let adds = pairs.map { "link add \(names[$0]) type veth peer name \(names[$0 + 1])" }.joined(
                separator: "\n")
            try run(["sh", "-c", "echo '\(adds)' | ip -batch -"], in: host.host.namespace)
            await first.release(task)
            #expect(try await host.status(interface) == .detaching)
            let plans = try await host.store.read { try $0.networkPlans(taskID: task.id) }
            #expect(plans.map(\.networkInterfaceID) == [nil, interface.id])
            #expect(await host.free(first) == whole - 1)
            let eth1 = ["ip", "link", "show", "eth1"]
            try run(eth1, in: try NetworkNamespace(path: host.host.namespacePath(task.id)))

            try await host.change(task) { $0.lastStatus = .stopped }
            let deletes = pairs.map { "link del \(names[$0])" }.joined(separator: "\n")
            try run(["sh", "-c", "echo '\(deletes)' | ip -batch -"], in: host.host.namespace)
            let second = try await host.startService()
            #expect(try await host.status(interface) == .detached)
            #expect(try await host.store.read { try $0.networkPlans(taskID: task.id) }.isEmpty)
            #expect(await host.free(second) == whole)
            try run(["ip", "link", "show", "nic0"], in: host.host.namespace)
        }
    }

    @Test("An ENI that was to go before it had come is gone with the next daemon", .timeLimit(.minutes(1)))
    func goneBeforeItCame() async throws {
        try await NetworkHost.with { host in
            let task = try await host.runTask("a", on: try await host.startService())
            var interface = try NetworkHost.interface(10).with(task: task.id)
            interface.status = .detaching
            // As the daemon leaves it that dies when it has noted that.
            try await host.store.write { [interface] in try $0.insert(interface) }
            let second = try await host.startService()
            #expect(try await host.status(interface) == .detached)
            await second.release(task)
        }
    }

    @Test("Attachments at the same time get indexes of their own, and a task that is to stop gets none")
    func beginning() async throws {
        try await NetworkHost.with { host in
            let service = try await host.startService()
            let task = try await host.runTask("a", on: service)
            let indexes = try await withThrowingTaskGroup(of: [Int].self) { group in
                for number in 10..<14 as Range<UInt64> {
                    let interface = try NetworkHost.interface(number)
                    group.addTask {
                        try await service.begin(attaching: [interface], to: task).map(\.networkInterface.index)
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(indexes.sorted() == [1, 2, 3, 4])
            try await host.change(task) { $0.stopCode = .userInitiated }
            await #expect(throws: APIError.self) {
                // The task as the caller saw it before.
                try await service.begin(attaching: [try NetworkHost.interface(20)], to: task)
            }
            await service.release(task)
            let statuses = try await host.store.read { try $0.networkInterfaces(taskID: task.id).map(\.status) }
            #expect(statuses == [.deleted, .detached, .detached, .detached, .detached])
        }
    }

    @Test("What an ENI had goes back to the subnet once, found by address or named", .timeLimit(.minutes(1)))
    func addressesGoBack() async throws {
        try await NetworkHost.with { host in
            let service = try await host.startService()
            let whole = try #require(await host.free(service))
            let task = try await host.runTask("a", on: service)
            // Its subnet is found by its address only.
            let first = try NetworkHost.interface(10, address: "10.64.1.200", wait: 1).with(task: task.id)
            _ = try await service.begin(attaching: [first], to: task)
            #expect(try await host.settled(first) == .failed)
            // The status is written a moment before the address is free.
            while await host.free(service) != whole - 1 { try await Task.sleep(for: .milliseconds(5)) }
            // The address is somebody else's now, and the one who had it before goes.
            let other = try await host.runTask("b", on: service)
            let second = try NetworkHost.interface(11, address: "10.64.1.200").with(task: other.id)
            _ = try await service.begin(attaching: [second], to: other)
            await service.release(task)
            #expect(await host.free(service) == whole - 2)
            await service.release(other)
            #expect(await host.free(service) == whole)
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
