// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Foundation
import GRDB
import Linux
import Logging
import ServiceLifecycle
import SystemPackage
import TestSupport
import Testing
import VPC

@testable import Agent

@Suite("Sandboxes: over restarts", .requiresRoot)
struct SandboxRestartTests {
    @Test("They live on, and the next daemon knows them")
    func livesOn() async throws {
        try await SandboxHost.with { host in
            let first = try await host.startDaemon()
            try await first.add(to: try host.makeSandbox())
            let before = (try host.state(), try host.state(in: "box"), try await first.list())
            let second = try await host.startDaemon()
            #expect(try host.state() == before.0)
            #expect(try host.state(in: "box") == before.1)
            #expect(try await second.list() == before.2)
            #expect(try await second.check() == [])
            #expect(try await second.add("two", to: try host.makeSandbox("two")).ips[0].address == "10.64.1.5/24")
            try await second.delete()
            #expect(try await host.recordCount() == [1, 1, 1])
        }
    }

    @Test(
        "Half-made ones, half-deleted ones and those without their namespace go",
        arguments: ["ATTACHING", "DETACHING", nil])
    func halfMade(status: String?) async throws {
        try await SandboxHost.with { host in
            let first = try await host.startDaemon()
            let free = await host.base.free(first.network)
            let path = try host.makeSandbox()
            let before = (try host.state(), try host.state(in: "box").filter { !$0.contains("lo") })
            try await first.add(to: path)
            if let status {
                try await host.base.store.write { store in
                    try store.database.execute(
                        sql: "UPDATE network_interfaces SET record = json_set(record, '$.status', ?)",
                        arguments: [status])
                }
            } else {
                try host.removeSandbox()
            }
            let second = try await host.startDaemon()
            #expect(try await host.recordCount() == [0, 0, 0])
            #expect(await host.base.free(second.network) == free)
            #expect(try host.ip("route", "show", "10.64.1.4").elements.isEmpty)
            guard status != nil else { return }
            // Nobody waits for what the one before has left.
            try await second.add(to: path)
            try await second.delete()
            await second.sandboxes.releasedLinks.removeNow()
            #expect(try host.state() == before.0)
            #expect(try host.state(in: "box").filter { !$0.contains("lo") } == before.1)
        }
    }

    @Test("After a reboot all are released, and nothing is touched for them")
    func reboot() async throws {
        try await SandboxHost.with { host in
            let first = try await host.startDaemon()
            try await first.add(to: try host.makeSandbox())
            let before = (try host.state(), try host.state(in: "box"))
            try await host.base.store.write { store in
                try store.database.execute(
                    sql: """
                        UPDATE network_interfaces SET record = json_set(record, '$.sandbox.namespace.bootID', 'before')
                        """)
            }
            let second = try await host.startDaemon()
            #expect(try await host.recordCount() == [0, 0, 0])
            #expect(try host.state() == before.0)
            #expect(try host.state(in: "box") == before.1)
            #expect(try await second.list().isEmpty)
        }
    }

    @Test("Another configuration does not cut them off; the last of a subnet takes the host's side of it along")
    func reload() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            try await daemon.add(to: try host.makeSandbox())
            try host.configure { $0.subnets = [try SandboxHost.subnet(id: "subnet-2", number: 2)] }
            await daemon.network.configurationChanged(.init())
            #expect(try host.reaches("10.64.1.4"))
            #expect(try host.reaches("10.64.1.1", from: "box"))
            #expect(try await daemon.check() == [])
            let next = try await host.startDaemon()
            #expect(try host.reaches("10.64.1.1", from: "box"))
            #expect(try await next.add("two", to: try host.makeSandbox("two")).ips[0].address == "10.64.2.4/24")
            try await next.delete()
            #expect(try host.ip("route", "show", "10.64.1.0/24").elements.isEmpty)
            #expect(try !host.ip("route", "show", "10.64.2.0/24").elements.isEmpty)
        }
    }

    @Test("The host's side of the subnets outlives the daemon where there are sandboxes")
    func hostSide() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            try await daemon.add(to: try host.makeSandbox())
            try await end(daemon)
            #expect(try host.reaches("10.64.1.1", from: "box"))
            try await daemon.delete()
            try await end(daemon)
            #expect(try host.ip("route", "show", "10.64.1.0/24").elements.isEmpty)
        }
    }

    /// The end of the daemon, for its network.
    private func end(_ daemon: SandboxDaemon) async throws {
        let services = ServiceGroup(services: [daemon.network], logger: Logger(label: "test"))
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await services.run() }
            await services.triggerGracefulShutdown()
            try await group.waitForAll()
        }
    }

    @Test("Deletions that nobody answered are done at the start, and before each operation")
    func leftDeletions() async throws {
        try await SandboxHost.with { host in
            let first = try await host.startDaemon()
            for name in ["a", "b", "c"] { try await first.add(name, to: try host.makeSandbox(name)) }
            func deletion(_ name: String) -> String {
                #"{"network":"net","containerId":"\#(name)","interfaceName":"eth0","networkNamespace":"/gone"}"#
            }
            try host.leaveDeletion("a.json", deletion("a"))
            try host.leaveDeletion("never.json", deletion("never"))
            let second = try await host.startDaemon()
            #expect(try await second.list().compactMap { $0.sandbox?.containerId } == ["b", "c"])
            #expect(try host.deletions() == [])
            try host.leaveDeletion("b.json", deletion("b"))
            try host.leaveDeletion(".c.json", deletion("c"))
            try host.leaveDeletion("c.tmp", deletion("c"))
            // The same attachment again: the deletion was of the one before.
            try await second.add("b", to: host.path("b"))
            #expect(try host.deletions() == [".c.json", "c.tmp"])
            #expect(try await second.list().count == 2)
            #expect(try await second.check("b") == [])
            try host.leaveDeletion("c.json", deletion("c"))
            _ = try await second.status()
            #expect(try await second.collect(except: ["b"]) == [])
            #expect(try await second.list().count == 1)
        }
    }

    @Test("A deletion that cannot be read is put aside, and bothers nobody")
    func unreadable() async throws {
        try await SandboxHost.with { host in
            for (name, text) in [
                ("bad.json", "{"), ("empty.json", ""), ("names.json", #"{"network":"a/b"}"#),
                ("large.json", String(repeating: " ", count: 100_000)),
            ] { try host.leaveDeletion(name, text) }
            let directory = host.base.context.sandboxDeletionDirectory.string
            try run(["mkdir", directory + "/directory.json"])
            try run(["mkfifo", directory + "/pipe.json"])
            try run(["ln", "-s", "/etc/passwd", directory + "/link.json"])
            let daemon = try await host.startDaemon()
            let aside = ["bad", "directory", "empty", "large", "link", "names", "pipe"].map { "\($0).json.unreadable" }
            #expect(try host.deletions() == aside)
            try await daemon.add(to: try host.makeSandbox())
            #expect(try host.deletions() == aside)
        }
    }
}
