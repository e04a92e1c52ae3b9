// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import SystemPackage
import TestSupport
import Testing
import VPC

@testable import TaskNetworking

@Suite(.requiresRoot) struct TeardownTests {
    @Test func nothingIsLeft() throws {
        try PathHost.with { host in
            let before = try host.state()
            let interfaces = [
                InterfaceRequest(networkInterface: try Sample.eni(5, .dual), attachment: .veth),
                InterfaceRequest(networkInterface: try Sample.eni(6, subnet: 2, .dual, index: 1), attachment: .veth),
            ]
            let plan = try host.plan("task", interfaces)
            _ = try host.network.apply(plan)
            #expect(try host.state() != before)
            let result = host.network.teardown(plan)
            #expect(result.errors.isEmpty)
            // At once: only the links may take a moment.
            #expect(try host.changes(since: before) == [])
            #expect(try host.ip("route", "show", "10.0.1.5").elements.isEmpty)
            try host.untilHostLinks(are: [])
        }
    }

    @Test func whatIsGoneIsNoError() throws {
        try PathHost.with { host in
            let before = try host.state()
            let eni = try Sample.eni(.dual)
            let plan = try host.plan("task", eni)
            for half in [
                "true", "ip route del 10.0.1.5", "ip -6 route del 2001:db8:0:1::5", "ip link del \(eni.hostLink)",
                "ip neigh del 10.0.1.5 dev \(eni.hostLink)", "umount -l \(try host.path("task"))",
                "umount -l \(try host.path("task")) && rm \(try host.path("task"))",
            ] {
                _ = try host.network.apply(plan)
                try TestSupport.run(["sh", "-c", half], in: host.namespace)
                #expect(host.network.teardown(plan).errors.isEmpty, "after \(half)")
                #expect(host.network.teardown(plan).errors.isEmpty, "once more after \(half)")
                #expect(try host.changes(since: before) == [], "after \(half)")
            }
            #expect(host.network.teardown(plan).errors.isEmpty)
        }
    }

    @Test func theSameENICanBeAttachedAgainAtOnce() throws {
        try PathHost.with { host in
            let eni = try Sample.eni(.dual)
            for task in ["one", "two", "one", "three"] {
                let plan = try host.plan(task, eni)
                _ = try host.network.apply(plan)
                #expect(try host.network.check(plan).isEmpty)
                #expect(try host.reaches("10.0.1.5"))
                #expect(host.network.teardown(plan).errors.isEmpty)
            }
        }
    }

    @Test func anENIThatIsInUseIsNotTakenAway() throws {
        try PathHost.with { host in
            let eni = try Sample.eni()
            let plan = try host.plan("one", eni)
            _ = try host.network.apply(plan)
            let other = try host.plan("two", eni)
            let error = #expect(throws: TaskNetworkError.self) { try host.network.apply(other) }
            #expect(error?.description.contains("tasknet one \(eni.id)") == true, "\(String(describing: error))")
            #expect(try host.network.check(plan).isEmpty)
            #expect(try host.reaches("10.0.1.5"))
            #expect(throws: LinuxError.self) { try host.namespace("two") }
        }
    }

    @Test func anENIWithTheSameHostNameIsNotTakenAway() throws {
        try PathHost.with { host in
            let eni = try Sample.eni(5)
            let plan = try host.plan("one", eni)
            _ = try host.network.apply(plan)
            var twin = try Sample.eni(6)
            twin.id = "eni-00001" + eni.id.suffix(12)
            let other = try host.plan("two", twin)
            #expect(throws: TaskNetworkError.self) { try host.network.apply(other) }
            #expect(host.network.teardown(other).errors.isEmpty)
            #expect(try host.network.check(plan).isEmpty)
            #expect(try host.reaches("10.0.1.5"))
        }
    }

    @Test func errorsAreCollectedAndTheRestGoesOn() throws {
        try PathHost.with { host in
            let before = try host.state()
            let eni = try Sample.eni()
            let directory = try AbsolutePath(host.test.directory.string)
            let plan = try host.plan("task", eni) { $0.filesDirectory = directory }
            _ = try host.network.apply(plan)
            // A directory cannot be unlinked, and is not ours.
            try TestSupport.run(["sh", "-c", "rm \(directory)/hosts; mkdir \(directory)/hosts"])
            let result = host.network.teardown(plan)
            #expect(result.errors.map(\.step) == ["file \(directory)/hosts"])
            #expect(try host.changes(since: before) == [])
        }
    }

    @Test func theHostsPartComesAndGoes() throws {
        try TestHost.with { test in
            let network = try TaskNetwork(host: test.namespace)
            let facts = try network.hostFacts()
            func routes() throws -> [String] {
                try runJSON(["ip", "-j", "route"], in: test.namespace).elements.compactMap { $0["dst"].text }
            }
            let old = HostNetworkPlan(subnets: [Sample.subnet(1, .dual), Sample.subnet(2)], host: facts)
            let new = HostNetworkPlan(subnets: [Sample.subnet(2), Sample.subnet(3)], host: facts)
            _ = try network.apply(old)
            _ = try network.apply(old)
            #expect(try network.check(old).isEmpty)
            #expect(try routes() == ["10.0.1.0/24", "10.0.2.0/24"])
            _ = try network.apply(new, replacing: old)
            #expect(try network.check(new).isEmpty)
            #expect(try routes() == ["10.0.2.0/24", "10.0.3.0/24"])
            #expect(network.teardown(new).errors.isEmpty)
            #expect(network.teardown(new).errors.isEmpty)
            #expect(try routes().isEmpty)
            let addresses = try runJSON(["ip", "-j", "addr", "show", "lo"], in: test.namespace)[0]["addr_info"]
            #expect(addresses.elements.compactMap { $0["local"].text } == ["127.0.0.1", "::1"])
        }
    }

    @Test(arguments: ["10.0.1.9/24", "10.0.1.9/24 metric 100", "2001:db8:0:1::9/64"])
    func aSubnetThatIsTheHostsOwnNetworkIsRefused(address: String) throws {
        try TestHost.with { test in
            let network = try TaskNetwork(host: test.namespace)
            try run(["ip", "link", "add", "lan", "type", "bridge"], in: test.namespace)
            try run(["ip", "link", "set", "lan", "up"], in: test.namespace)
            let words = address.split(separator: " ").map(String.init)
            try run(["ip", "addr", "add"] + words + ["dev", "lan"], in: test.namespace)
            let plan = HostNetworkPlan(subnets: [Sample.subnet(1, .dual)], host: try network.hostFacts())
            let error = #expect(throws: TaskNetworkError.self) { try network.apply(plan) }
            #expect(error?.description.contains("not tasknet's") == true)
            let addresses = try runJSON(["ip", "-j", "addr", "show", "lo"], in: test.namespace)[0]["addr_info"]
            #expect(addresses.elements.compactMap { $0["local"].text } == ["127.0.0.1", "::1"])
        }
    }
}
