// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Foundation
import Linux
import Logging
import ServiceLifecycle
import TestSupport
import Testing
import VPC

@testable import Agent

@Suite("Sandboxes: deleting, checking, collecting", .requiresRoot)
struct SandboxDeleteTests {
    @Test("A sandbox is afterwards as it was before, and so is the host", arguments: [[IPFamily.v4], [.v4, .v6]])
    func deleted(families: [IPFamily]) async throws {
        try await SandboxHost.with(families) { host in
            let daemon = try await host.startDaemon()
            let path = try host.makeSandbox()
            // What CNI's loopback plugin does before.
            try host.run("ip link set lo up", in: "box")
            let before = (try host.state(), try host.state(in: "box"))
            let free = await host.base.free(daemon.network)
            for _ in 0..<2 {
                try await daemon.add(to: path)
                try await daemon.delete()
                await daemon.sandboxes.releasedLinks.removeNow()
                #expect(try host.state() == before.0)
                #expect(try host.state(in: "box") == before.1)
                #expect(try await host.recordCount() == [0, 0, 0])
                #expect(await host.base.free(daemon.network) == free)
            }
        }
    }

    @Test("What reaches a sandbox is gone when its deletion is answered, and its links a moment later by themselves")
    func released() async throws {
        try await SandboxHost.with([.v4, .v6]) { host in
            let daemon = try await host.startDaemon()
            let path = try host.makeSandbox()
            let before = try host.state()
            let name = try #require(try await daemon.add(to: path).interfaces.first?.name)
            try await daemon.delete()
            #expect(try host.ip("route", in: "box").elements.isEmpty)
            // If it is still there.
            let eth0 = try host.ip("addr", in: "box").elements.first { $0["ifname"].text == "eth0" }
            #expect(eth0?["addr_info"].elements.isEmpty ?? true)
            #expect(try host.ip("route", "show", "10.64.1.4").elements.isEmpty)
            #expect(try host.ip("-6", "route", "show", "2001:db8:64:1::4").elements.isEmpty)
            #expect(try host.ip("neigh").elements.allSatisfy { $0["dev"].text != name })
            // The runtime may ask again at once.
            try await daemon.add(to: path)
            #expect(try host.reaches("10.64.1.5"))
            try await daemon.delete()
            let patience = ContinuousClock.now.advanced(by: .seconds(60))
            while try host.state() != before, .now < patience { try await Task.sleep(for: .milliseconds(20)) }
            #expect(try host.state() == before)
            #expect(try host.ip("link", in: "box").elements.count == 1)
        }
    }

    @Test("What was never there, is gone, or is deleted twice and by two at once, is deleted")
    func idempotent() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            try await daemon.delete("never")
            try await daemon.delete(String(repeating: "a", count: 10_000))
            try await daemon.add(to: try host.makeSandbox())
            try await withThrowingTaskGroup { group in
                for _ in 0..<4 { group.addTask { try await daemon.delete() } }
                try await group.waitForAll()
            }
            try await daemon.delete()
            try await daemon.add(to: host.path())
            try host.removeSandbox()
            try await daemon.delete()
            try await daemon.delete()
            #expect(try await host.recordCount() == [0, 0, 0])
            #expect(try host.ip("route", "show", "10.64.1.4").elements.isEmpty)
            let bad = try await #require(throws: APIError.self) { try await daemon.delete("a/b") }
            #expect(bad.message.contains("containerId can not be \"a/b\""))
        }
    }

    @Test("A namespace that took the path over is not touched; the host's side goes")
    func reused() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            let output = try await daemon.add(to: try host.makeSandbox())
            // It lives on without its name, as for a process that is still in it.
            let old = try host.namespace()
            try host.removeSandbox()
            _ = try host.makeSandbox()
            // All that a careless teardown would take away.
            for command in [
                "ip link add eth0 type veth peer name wire", "ip link set wire up",
                "ip addr add 10.64.1.4/24 dev eth0", "ip link set eth0 up", "ip route add default via 10.64.1.1",
            ] { try host.run(command, in: "box") }
            let before = try host.state(in: "box")
            let differences = try await daemon.check()
            #expect(differences.count == 1 && differences[0].contains("found none or another"), "\(differences)")
            try await daemon.delete()
            #expect(try host.state(in: "box") == before)
            #expect(try host.ip("route", "show", "10.64.1.4").elements.isEmpty)
            let name = try #require(output.interfaces.first?.name)
            await daemon.sandboxes.releasedLinks.removeNow()
            #expect(!(try attempt(["ip", "link", "show", name], in: host.base.host.namespace)).succeeded)
            #expect(try await host.recordCount() == [0, 0, 0])
            withExtendedLifetime(old) {}
        }
    }

    @Test("A deletion ends the addition that waits for its device", .timeLimit(.minutes(1)))
    func duringAddition() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            let path = try host.makeSandbox()
            let addition = Task {
                try await daemon.refusal(to: path) {
                    $0.interfaceType = .device
                    $0.macAddress = "0a:00:00:00:00:09"
                    $0.waitTimeoutMs = 3_600_000
                }
            }
            let key = SandboxRecord.Key(network: "net", containerID: "box", interfaceName: "eth0")
            while await !daemon.sandboxes.isBeingAdded(key) { try await Task.sleep(for: .milliseconds(1)) }
            try await Task.sleep(for: .milliseconds(50))
            try await daemon.delete()
            let refusal = try await addition.value
            #expect(refusal.contains("was deleted meanwhile"), "\(refusal)")
            #expect(try await host.recordCount() == [0, 0, 0])
            #expect(await !daemon.sandboxes.isBeingAdded(key))
            try await daemon.add(to: path)
        }
    }

    @Test("The daemon's end is told to an addition that waits for its device", .timeLimit(.minutes(1)))
    func daemonEndsMeanwhile() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            let path = try host.makeSandbox()
            let (refusals, refusal) = AsyncStream.makeStream(of: String.self)
            // Where a request is: inside a service that is told to end.
            let server = RequestService {
                let text = try await daemon.refusal(to: path) {
                    $0.interfaceType = .device
                    $0.macAddress = "0a:00:00:00:00:09"
                    $0.waitTimeoutMs = 3_600_000
                }
                refusal.yield(text)
                refusal.finish()
            }
            let key = SandboxRecord.Key(network: "net", containerID: "box", interfaceName: "eth0")
            var configuration = ServiceGroupConfiguration(
                services: [.init(service: server, successTerminationBehavior: .gracefullyShutdownGroup)],
                logger: Logger(label: "test"))
            configuration.maximumGracefulShutdownDuration = nil
            let group = ServiceGroup(configuration: configuration)
            try await withThrowingTaskGroup(of: Void.self) { tasks in
                tasks.addTask { try await group.run() }
                while await !daemon.sandboxes.isBeingAdded(key) { try await Task.sleep(for: .milliseconds(1)) }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
            let text = await refusals.first { _ in true }
            #expect(text?.contains("was not added: it was deleted meanwhile, or tasknetd ends") == true)
            #expect(try await host.recordCount() == [0, 0, 0])
        }
    }

    @Test("Additions and deletions of one attachment at the same time end in one or none")
    func churn() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            let path = try host.makeSandbox()
            await withTaskGroup { group in
                for number in 0..<24 {
                    group.addTask {
                        if number.isMultiple(of: 2) {
                            _ = try? await daemon.add(to: path)
                        } else {
                            try? await daemon.delete()
                        }
                    }
                }
            }
            let count = try await host.recordCount()
            #expect(count == [1, 1, 1] || count == [0, 0, 0])
            if count[0] == 1 { #expect(try await daemon.check() == []) }
            try await daemon.delete()
            await daemon.sandboxes.releasedLinks.removeNow()
            #expect(try await host.recordCount() == [0, 0, 0])
            #expect(try host.ip("link", in: "box").elements.count == 1)
        }
    }

    @Test("Checking tells what somebody has changed")
    func checked() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            let path = try host.makeSandbox()
            let missing = try await #require(throws: APIError.self) { try await daemon.check() }
            #expect(missing.message.contains("eth0 of container box in network net is not attached"))
            try await daemon.add(to: path)
            try host.run("ip route del default", in: "box")
            try host.run("ip route del 10.64.1.4")
            let differences = try await daemon.check(at: path)
            #expect(differences.count == 2, "\(differences)")
            #expect(differences.contains { $0.contains("default route via 10.64.1.1 on eth0") }, "\(differences)")
            let elsewhere = try await daemon.check(at: try host.makeSandbox("other"))
            #expect(elsewhere.contains { $0.hasPrefix("networkNamespace: expected") }, "\(elsewhere)")
        }
    }

    @Test(
        "A namespace that ends without a deletion is noticed, and another that lost its link is not",
        .timeLimit(.minutes(1)))
    func endsByItself() async throws {
        try await SandboxHost.with([.v4, .v6]) { host in
            let daemon = try await host.startDaemon()
            let watch = Task { try await daemon.sandboxes.run() }
            try await daemon.add("one", to: try host.makeSandbox("one"))
            try await daemon.add("two", to: try host.makeSandbox("two"))
            try await daemon.add("three", to: try host.makeSandbox("three"))
            try host.run("ip link delete eth0", in: "three")
            try host.removeSandbox("one")
            while try await daemon.list().count > 2 { try await Task.sleep(for: .milliseconds(5)) }
            #expect(try await daemon.list().compactMap(\.sandbox?.containerId).sorted() == ["three", "two"])
            #expect(try await daemon.check("two") == [])
            watch.cancel()
            _ = try? await watch.value
        }
    }

    @Test("Collecting takes what the runtime does not know any more, of that network alone")
    func collected() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            for name in ["a", "b", "c"] { try await daemon.add(name, to: try host.makeSandbox(name)) }
            try await daemon.add("a", to: host.path("a"), as: "eth1", network: "other")
            try host.removeSandbox("b")
            #expect(try await daemon.collect(except: ["a", "unknown"]) == ["b", "c"])
            #expect(try await daemon.collect(except: ["a"]) == [])
            #expect(try await daemon.list().map { $0.sandbox?.network } == ["net", "other"])
            #expect(try await daemon.collect(network: "none", except: []) == [])
        }
    }

    @Test("Collecting leaves alone what was coming when it began, and is there by now", .timeLimit(.minutes(1)))
    func collectedMeanwhile() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            for name in ["a", "b", "c"] { try await daemon.add(name, to: try host.makeSandbox(name)) }
            let second = SandboxRecord.Key(network: "net", containerID: "b", interfaceName: "eth0")
            let third = SandboxRecord.Key(network: "net", containerID: "c", interfaceName: "eth0")
            let journal = daemon.sandboxes.journal
            let collection = try await journal.inTurn(of: .sandbox(second)) {
                let (addition, collection) = try await journal.inTurn(of: .sandbox(third)) {
                    let addition = Task { try await daemon.add("c", to: host.path("c")) }
                    while await !daemon.sandboxes.isBeingAdded(third) { try await Task.sleep(for: .milliseconds(1)) }
                    let collection = Task { try await daemon.collect(except: []) }
                    // The list has been read when the first of it is gone.
                    while try await daemon.list().count == 3 { try await Task.sleep(for: .milliseconds(1)) }
                    let earlier = try await host.base.store.read { try $0.sandboxInterface(third) }
                    let interface = try #require(earlier)
                    try await daemon.sandboxes.release(interface, try #require(interface.sandbox))
                    return (addition, collection)
                }
                _ = try await addition.value
                return collection
            }
            #expect(try await collection.value == ["a", "b"])
            #expect(try await daemon.list().compactMap { $0.sandbox?.containerId } == ["c"])
            #expect(try await daemon.check("c") == [])
        }
    }

    @Test("An ENI of a sandbox is not detached as a task's")
    func detached() async throws {
        try await SandboxHost.with { host in
            let daemon = try await host.startDaemon()
            let output = try await daemon.add(to: try host.makeSandbox())
            let id = output.networkInterface.networkInterfaceId
            let error = try await #require(throws: APIError.self) {
                try await daemon.call(TaskNetworkAPI.DetachNetworkInterface.self, .init(attachment: id))
            }
            #expect(error.message.contains("\(id) is eth0 of container box in network net"), "\(error)")
        }
    }
}

private struct RequestService: Service {
    let body: @Sendable () async throws -> Void

    init(_ body: @escaping @Sendable () async throws -> Void) { self.body = body }

    func run() async throws { try await body() }
}
