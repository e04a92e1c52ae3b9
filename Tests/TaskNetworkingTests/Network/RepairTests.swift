// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import SystemPackage
import TestSupport
import Testing
import VPC

@testable import TaskNetworking

/// What becomes of a network that lived and lost something.
@Suite(.requiresRoot) struct RepairTests {
    private static let mac = "02:11:22:33:44:66"

    @Test func aNamespaceThatLostItsNameGetsItBackAndIsTheSame() throws {
        try PathHost.with { host in
            let eni = try Sample.eni(5, .dual)
            let plan = try host.plan("task", eni)
            _ = try host.network.apply(plan)
            let living = try host.namespace("task")
            let path = try host.path("task")
            for loss in ["umount -l \(path)", "umount -l \(path) && rm \(path)"] {
                try TestSupport.run(["sh", "-c", loss], in: host.namespace)
                let error = #expect(throws: RepairError.self) { try host.network.repair(plan) }
                #expect(error?.cause == .namespaceGone(path))
                #expect(throws: LinuxError.self, "no empty one in its place") { try host.namespace("task") }
                try host.network.rebind(plan, to: living)
                try host.network.rebind(plan, to: living)
                #expect(try host.namespace("task") == living)
                let mounts = try TextFile.read("/proc/self/mountinfo").split(separator: "\n")
                #expect(mounts.count { $0.contains(" \(path) ") } == 1)
                #expect(try host.network.check(plan) == [])
                #expect(try host.reaches("10.0.1.5"))
            }
            #expect(host.network.teardown(plan).errors.isEmpty)
        }
    }

    @Test func nothingElseIsBoundAtATasksPath() throws {
        try PathHost.with { host in
            let plan = try host.plan("task", try Sample.eni(5))
            _ = try host.network.apply(plan)
            let other = try host.plan("other", try Sample.eni(6))
            _ = try host.network.apply(other)
            let living = try host.namespace("task")
            let path = try host.path("task")
            #expect(throws: ConflictError.self) { try host.network.rebind(plan, to: host.namespace) }
            #expect(throws: ConflictError.self) { try host.network.rebind(plan, to: try host.namespace("other")) }

            try host.run("umount -l \(path)")
            let foreign = try NetworkNamespace.create()
            try foreign.bind(at: FilePath(path.text))
            let taken = #expect(throws: LinuxError.self) { try host.network.rebind(plan, to: living) }
            #expect(taken?.errno == .fileExists)
            #expect(try host.namespace("task") == foreign)

            try host.run("umount -l \(path)")
            try TestSupport.run(["sh", "-c", "rm \(path) && echo mine > \(path)"])
            let file = #expect(throws: LinuxError.self) { try host.network.rebind(plan, to: living) }
            #expect(file?.errno == .invalidArgument)
            try TestSupport.run(["sh", "-c", "rm \(path) && ln -s /etc/hostname \(path)"])
            #expect(throws: LinuxError.self) { try host.network.rebind(plan, to: living) }
            try TestSupport.run(["rm", path.text])
            try host.network.rebind(plan, to: living)
            #expect(try host.network.check(plan) == [])
        }
    }

    @Test func ofTwoInterfacesInOneSubnetTheFirstAnswersAlsoWhenItCameUpLast() throws {
        try PathHost.with { host in
            let requests = [
                InterfaceRequest(networkInterface: try Sample.eni(5, .dual), attachment: .veth),
                InterfaceRequest(networkInterface: try Sample.eni(6, .dual, index: 1), attachment: .veth),
            ]
            let plan = try host.plan("task", requests)
            _ = try host.network.apply(plan)
            try host.run("ip link set eth0 down", in: "task")
            _ = try host.network.repair(plan)
            #expect(try host.network.check(plan) == [])
            #expect(try host.ip("route", "get", "10.0.1.9", in: "task")[0]["dev"].text == "eth0")
            #expect(try host.reaches("10.0.1.5"))
            #expect(try host.reaches("10.0.1.6"))
            let routes = try host.ip("route", "show", "10.0.1.0/24", in: "task").elements
            #expect(routes.map { $0["metric"].integer } == [nil, 10_001])
        }
    }

    @Test func aDeletedPairIsMadeAgainAsItWas() throws {
        try PathHost.with { host in
            let eni = try Sample.eni(5, .dual)
            let plan = try host.plan(
                "task",
                [
                    InterfaceRequest(networkInterface: eni, attachment: .veth, linkGroup: 0x746e_0001)
                ])
            _ = try host.network.apply(plan)
            func ends() throws -> [[String?]] {
                let outer = try host.ip("addr", "show", eni.hostLink)[0]
                let inner = try host.ip("addr", "show", "eth0", in: "task")[0]
                return [outer, inner].map { end in
                    [end["address"].text, end["group"].text, end["ifalias"].text, end["mtu"].integer.map(String.init)]
                        + end["addr_info"].elements.map { $0["local"].text }
                }
            }
            let before = try ends()
            for (command, task) in [("ip link del \(eni.hostLink)", nil), ("ip link del eth0", "task")] {
                try host.run(command, in: task)
                #expect(try !host.network.check(plan).isEmpty)
                _ = try host.network.repair(plan)
                #expect(try ends() == before)
                #expect(try host.network.check(plan) == [])
                #expect(try host.reaches("10.0.1.5"))
                #expect(try host.reaches("10.0.1.1", from: "task"))
            }
        }
    }

    @Test func aNICThatVanishedIsTakenWhenItIsBack() throws {
        try PathHost.with { host in
            func plugIn(as name: String) throws {
                try host.run("ip link add \(name) mtu 1452 address \(Self.mac) type veth peer name wire0 mtu 1452")
                try host.run("ip link set wire0 up")
            }
            try plugIn(as: "nic0")
            let mac = try MACAddress(parsing: Self.mac)
            var eni = try Sample.eni(7, subnet: 2, index: 1)
            eni.macAddress = mac
            let device = try host.network.hostDevice(macAddress: mac)
            let plan = try host.plan(
                "task",
                [
                    InterfaceRequest(networkInterface: try Sample.eni(5, .dual), attachment: .veth),
                    InterfaceRequest(networkInterface: eni, attachment: .device(device)),
                ])
            _ = try host.network.apply(plan)

            try host.run("ip link del wire0")
            try host.run("ip addr del 10.0.1.5/24 dev eth0", in: "task")
            let drifts = try host.network.check(plan)
            #expect(drifts.contains { $0.kind == .deviceGone(mac) })
            let error = #expect(throws: RepairError.self) { try host.network.repair(plan) }
            #expect(error?.cause == .deviceGone(mac))
            #expect(error?.steps.count == 1, "\(String(describing: error))")
            #expect(try host.reaches("10.0.1.5"), "what can be mended is")
            #expect(try host.network.check(plan).contains { $0.kind == .deviceGone(mac) })

            try plugIn(as: "nic7")
            #expect(try !host.network.check(plan).contains { $0.kind == .deviceGone(mac) })
            _ = try host.network.repair(plan)
            #expect(try host.network.check(plan) == [])
            #expect(try host.ip("addr", "show", "eth1", in: "task")[0]["address"].text == Self.mac)
            #expect(host.network.teardown(plan).errors.isEmpty)
            #expect(try host.hostLinks().contains("nic0"))
        }
    }

    /// Under the name of a NIC that is gone there may be a link of somebody else's.
    @Test func nothingIsPutOnAnotherLinkOfADevicesName() throws {
        try PathHost.with { host in
            try host.run("ip link add nic0 address \(Self.mac) type veth peer name wire0")
            var eni = try Sample.eni(7, subnet: 2)
            eni.macAddress = try MACAddress(parsing: Self.mac)
            let device = try host.network.hostDevice(macAddress: eni.macAddress)
            let plan = try host.plan("task", eni, as: .device(device))
            _ = try host.network.apply(plan)
            try host.run("ip link del wire0")
            try host.run("ip link add eth0 type bridge", in: "task")
            #expect(throws: RepairError.self) { try host.network.repair(plan) }
            let dummy = try host.ip("addr", "show", "eth0", in: "task")[0]
            #expect(dummy["addr_info"].elements.isEmpty)
            #expect(dummy["address"].text != Self.mac)
        }
    }
}
