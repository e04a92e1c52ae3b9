// SPDX-License-Identifier: Apache-2.0
import Addressing
import Foundation
import Linux
import Netlink
import TestSupport
import Testing
import VPC

@testable import TaskNetworking

@Suite(.requiresRoot) struct DeviceTests {
    static let mac = "02:11:22:33:44:55"

    /// A NIC of the host's, which is a veth's end here; what it is plugged into is `wire0`.
    private func makeNIC(_ host: PathHost, up: Bool = true) throws {
        try host.run("ip link add nic0 mtu 1452 address \(Self.mac) type veth peer name wire0 mtu 1452")
        try host.run("ip link set wire0 up")
        if up { try host.run("ip link set nic0 up") }
        try host.run("ip addr add 192.0.2.9/24 dev nic0")
        try host.run("ip addr add 2001:db8:9::9/64 dev nic0 nodad")
    }

    private func eni(_ families: Sample.Families = .ipv4, index: Int = 0) throws -> NetworkInterface {
        var eni = try Sample.eni(7, subnet: 2, families, index: index)
        eni.macAddress = try MACAddress(parsing: Self.mac)
        return eni
    }

    private func plan(_ host: PathHost, mtu: Int? = nil, owns: Bool = true) throws -> TaskNetworkPlan {
        let device = try host.network.hostDevice(macAddress: MACAddress(parsing: Self.mac))
        return try host.plan("task", try eni(.dual), as: .device(device)) {
            $0.interfaces[0].mtu = mtu
            $0.ownsNamespace = owns
        }
    }

    private func nic(_ host: PathHost, _ name: String = "nic0") throws -> (link: JSON, addresses: [String]) {
        let link = try host.ip("-d", "addr", "show", name)[0]
        let addresses = link["addr_info"].elements.filter { $0["scope"].text == "global" }.compactMap {
            $0["local"].text
        }
        return (link, addresses)
    }

    @Test(arguments: [true, false])
    func movesInAndIsGivenBackAsItWas(isUp: Bool) throws {
        try PathHost.with { host in
            try makeNIC(host, up: isUp)
            let plan = try plan(host, mtu: 1300)
            _ = try host.network.apply(plan)
            #expect(try host.hostLinks() == ["wire0"])
            let eth0 = try host.ip("addr", "show", "eth0", in: "task")[0]
            #expect(eth0["address"].text == Self.mac)
            #expect(eth0["mtu"].integer == 1300)
            #expect(eth0["flags"].texts.contains("UP"))
            #expect(eth0["addr_info"].elements.contains { $0["local"].text == "10.0.2.7" })
            #expect(!eth0["addr_info"].elements.contains { $0["local"].text == "192.0.2.9" })
            #expect(try host.ip("route", in: "task").first(where: "dst", is: "default")["gateway"].text == "10.0.2.1")
            #expect(try host.network.check(plan).isEmpty)
            #expect(try host.network.apply(plan).steps.count == plan.requirements.count)

            let result = host.network.teardown(plan)
            #expect(result.errors.isEmpty && result.remarks.isEmpty)
            #expect(try host.hostLinks() == ["nic0", "wire0"])
            let (link, addresses) = try nic(host)
            #expect(link["address"].text == Self.mac)
            #expect(link["mtu"].integer == 1452)
            #expect(link["flags"].texts.contains("UP") == isUp)
            #expect(addresses == (["192.0.2.9"] + ["2001:db8:9::9"]))
            #expect(throws: LinuxError.self) { try host.namespace("task") }
        }
    }

    /// What the host had on it is more than addresses with prefix lengths.
    @Test func addressesComeBackAsTheyWere() throws {
        try PathHost.with { host in
            try makeNIC(host)
            for address in [
                "192.0.2.10/24 brd + label nic0:x", "198.51.100.1 peer 198.51.100.2/32", "192.0.2.11/24 noprefixroute",
                "203.0.113.7/24 scope link",
            ] { try host.run("ip addr add \(address) dev nic0") }
            func addresses() throws -> String {
                try TestSupport.run(["ip", "-o", "addr", "show", "dev", "nic0"], in: host.namespace).output
                    .split(separator: "\n").filter { !$0.contains("fe80") }.joined(separator: "\n")
            }
            let before = try addresses()
            let plan = try plan(host)
            // As the daemon does, which stores it.
            let stored = try JSONDecoder().decode(TaskNetworkPlan.self, from: JSONEncoder().encode(plan))
            #expect(stored == plan)
            _ = try host.network.apply(plan)
            #expect(host.network.teardown(stored).errors.isEmpty)
            #expect(try addresses() == before)
        }
    }

    @Test func aPlanFromBeforeHasAddressesAlone() throws {
        let text =
            #"[{"name": "a", "macAddress": "02:00:00:00:00:01", "mtu": 1500, "isUp": true, "addresses": ["192.0.2.9/24"]}]"#
        let device = try JSONDecoder().decode([HostDevice].self, from: Data(text.utf8))[0]
        #expect(try device.addresses.map(\.address) == [InterfaceAddress(parsing: "192.0.2.9/24")])
    }

    @Test func talksToWhatItIsPluggedInto() throws {
        try PathHost.with { host in
            try makeNIC(host)
            _ = try host.network.apply(try plan(host))
            // The subnet's gateway is on the other end of the wire, as it would be in a VPC.
            _ = try host.test.makeNamespace("router")
            try host.run("ip link set wire0 netns \(try host.path("router"))")
            try host.run("ip link set wire0 up", in: "router")
            try host.run("ip addr add 10.0.2.1/24 dev wire0", in: "router")
            #expect(try host.reaches("10.0.2.1", from: "task"))
            #expect(try host.reaches("10.0.2.7", from: "router"))
        }
    }

    @Test func aTakenNameIsReplacedAndSaid() throws {
        try PathHost.with { host in
            try makeNIC(host)
            let plan = try plan(host)
            _ = try host.network.apply(plan)
            try host.run("ip link add nic0 type bridge")
            try host.run("ip link add nic0-1 type bridge")
            let result = host.network.teardown(plan)
            #expect(result.errors.isEmpty)
            #expect(result.remarks == ["device nic0 was given back as nic0-2: its name is taken"])
            let (link, addresses) = try nic(host, "nic0-2")
            #expect(link["address"].text == Self.mac && link["mtu"].integer == 1452)
            #expect(addresses.contains("192.0.2.9"))
            #expect(host.network.teardown(plan).errors.isEmpty)
            #expect(try host.hostLinks() == ["nic0", "nic0-1", "nic0-2", "wire0"])
        }
    }

    @Test func whatTheTaskDidToItIsUndone() throws {
        try PathHost.with { host in
            try makeNIC(host)
            let before = try nic(host).link["ifindex"].integer
            let plan = try plan(host)
            _ = try host.network.apply(plan)
            try host.run("ip link set eth0 down", in: "task")
            try host.run("ip link set eth0 name mine address 02:99:99:99:99:99 mtu 999", in: "task")
            #expect(try !host.network.check(plan).isEmpty)
            // Something that looks like it does not pass for it.
            try host.run("ip link add eth0 address \(Self.mac) type bridge", in: "task")
            #expect(host.network.teardown(plan).errors.isEmpty)
            let link = try nic(host).link
            #expect(link["address"].text == Self.mac && link["mtu"].integer == 1452)
            #expect(link["ifindex"].integer == before)
            #expect(link["linkinfo"]["info_kind"].text == "veth")
            #expect(link["flags"].texts.contains("UP"))
        }
    }

    @Test func oneThatTheKernelGaveBackIsPutRight() throws {
        try PathHost.with { host in
            try makeNIC(host)
            let plan = try plan(host)
            _ = try host.network.apply(plan)
            try host.run("ip link set eth0 down", in: "task")
            try host.run("ip link set eth0 name dev7 netns \(host.test.namespacePath("host"))", in: "task")
            #expect(host.network.teardown(plan).errors.isEmpty)
            #expect(try host.hostLinks() == ["nic0", "wire0"])
            #expect(try nic(host).link["flags"].texts.contains("UP"))
        }
    }

    /// Two devices whose MACs end in the same bytes, so that both ask for one index in the task.
    @Test func anotherOfTheSameEndingStays() throws {
        try PathHost.with { host in
            try makeNIC(host)
            let twin = "02:99:99:33:44:55"
            try host.run("ip link add nic1 address \(twin) type veth peer name wire1")
            let first = try plan(host)
            _ = try host.network.apply(first)
            func second(mtu: Int? = nil) throws -> TaskNetworkPlan {
                let device = try host.network.hostDevice(macAddress: MACAddress(parsing: twin))
                var eni = try Sample.eni(8, subnet: 2)
                eni.macAddress = try MACAddress(parsing: twin)
                let request = InterfaceRequest(networkInterface: eni, attachment: .device(device), position: 1)
                var plan = try host.plan("task", [request]) { $0.ownsNamespace = false }
                plan.requirements = plan.requirements.map { requirement in
                    guard case .device(let device) = requirement, let mtu else { return requirement }
                    return .device(DeviceRequirement(name: device.name, mtu: mtu, original: device.original))
                }
                return plan
            }
            // A veth has no such MTU: refused when it is in the task already.
            let error = #expect(throws: TaskNetworkError.self) { try host.network.apply(try second(mtu: 70_000)) }
            #expect(error?.description.contains("change link nic1: ") == true, "\(error.debugDescription)")
            #expect(try host.hostLinks() == ["nic1", "wire0", "wire1"])
            #expect(try host.network.check(first).isEmpty)

            let plan = try second()
            _ = try host.network.apply(plan)
            #expect(host.network.teardown(plan).errors.isEmpty)
            #expect(try host.hostLinks() == ["nic1", "wire0", "wire1"])
            #expect(try host.ip("link", "show", "nic1")[0]["address"].text == twin)
            #expect(try host.network.check(first).isEmpty)
            // When it is gone, the one that is left is not taken for it.
            try host.run("ip link del nic1")
            #expect(host.network.teardown(plan).errors.isEmpty)
            #expect(try host.network.check(first).isEmpty)
            #expect(host.network.teardown(first).errors.isEmpty)
            #expect(try host.ip("link", "show", "nic0")[0]["address"].text == Self.mac)
        }
    }

    /// Of two at once one is second. It must not take away what the other has made, and has answered for.
    @Test func twoAtOnceLeaveItInTheTask() async throws {
        try await PathHost.with { host in
            try makeNIC(host)
            _ = try host.test.makeNamespace("task")
            let task = try host.namespace("task")
            let plan = try plan(host)
            let device = TaskNetworkPlan(
                taskID: "task", namespacePath: try host.path("task"),
                requirements: plan.requirements.filter { if case .device = $0 { true } else { false } })
            for round in 1...200 {
                let successes = await withTaskGroup(of: Bool.self) { group in
                    for _ in 1...2 {
                        group.addTask { (try? host.network.apply(device, in: task)) != nil }
                    }
                    return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
                }
                #expect(successes > 0)
                let links = try NamespaceSurvey(task).links
                #expect(links.contains { $0.name == "eth0" && $0.isUp }, "round \(round)")
                #expect(host.network.teardown(device, in: task).errors.isEmpty)
            }
        }
    }

    /// An index is nothing that anybody could look for.
    @Test func errorsNameTheLink() throws {
        try PathHost.with { host in
            try makeNIC(host)
            var plan = try plan(host)
            let gateway = try IPAddress(parsing: "203.0.113.1")
            let everywhere = try CIDRBlock(parsing: "0.0.0.0/0")
            let route = RouteRequirement(
                scope: .task, to: everywhere, via: gateway, link: try InterfaceName("eth0"), table: 9)
            plan.requirements.append(.route(route))
            let error = #expect(throws: TaskNetworkError.self) { try host.network.apply(plan) }
            #expect(
                error?.description.contains("via 203.0.113.1 dev eth0 table 9: ") == true, "\(error.debugDescription)")
        }
    }

    @Test func oneThatIsGoneIsSaid() throws {
        try PathHost.with { host in
            try makeNIC(host)
            let plan = try plan(host)
            _ = try host.network.apply(plan)
            try host.run("ip link del wire0")
            let result = host.network.teardown(plan)
            #expect(result.errors.isEmpty)
            #expect(result.remarks.count == 1 && result.remarks[0].contains("nic0"))
        }
    }

    @Test func refusedDevices() throws {
        try PathHost.with { host in
            let mac = try MACAddress(parsing: Self.mac)
            #expect(throws: DeviceError.notFound(mac)) { try host.network.hostDevice(macAddress: mac) }
            try makeNIC(host)
            try host.run("ip link add twin0 address \(Self.mac) type bridge")
            #expect(throws: DeviceError.several(mac, names: ["nic0", "twin0"])) {
                try host.network.hostDevice(macAddress: mac)
            }
            try host.run("ip link set twin0 address 02:00:00:00:00:99")
            try host.run("ip link set nic0 master twin0")
            #expect(throws: DeviceError.enslaved(name: "nic0", master: "twin0")) {
                try host.network.hostDevice(macAddress: mac)
            }
            let zero = try MACAddress(parsing: "00:00:00:00:00:00")
            #expect(throws: DeviceError.loopback(name: "lo")) { try host.network.hostDevice(macAddress: zero) }
        }
    }

    @Test func aFailedMoveIsUndone() throws {
        try PathHost.with { host in
            try makeNIC(host)
            let before = try nic(host)
            let plan = try plan(host, owns: false)
            // Its name is taken in the task: refused before or after the move, as the kernel likes.
            _ = try host.test.makeNamespace("task")
            try host.run("ip link add eth0 type bridge", in: "task")
            #expect(throws: TaskNetworkError.self) { try host.network.apply(plan) }
            #expect(try host.hostLinks() == ["nic0", "wire0"])
            #expect(try nic(host).link["flags"] == before.link["flags"])
            #expect(try nic(host).addresses == before.addresses)
            #expect(try host.ip("link", in: "task").elements.map { $0["ifname"].text } == ["lo", "eth0"])
        }
    }

    @Test(.requiresKernel("macvlan")) func anMTUThatTheDeviceCannotHaveIsUndone() throws {
        try PathHost.with { host in
            try host.run("ip link add lan type bridge")
            try host.run("ip link add nic0 link lan address \(Self.mac) type macvlan")
            let plan = try plan(host, mtu: 9001)
            let error = #expect(throws: TaskNetworkError.self) { try host.network.apply(plan) }
            #expect(error?.step == "device nic0 as eth0")
            #expect(try host.hostLinks() == ["lan", "nic0"])
            #expect(try nic(host).link["mtu"].integer == 1500)
            #expect(throws: LinuxError.self) { try host.namespace("task") }
        }
    }

    @Test func oneMoreForARunningTask() throws {
        try PathHost.with { host in
            try makeNIC(host)
            let running = try host.plan("task", try Sample.eni(5))
            _ = try host.network.apply(running)
            let device = try host.network.hostDevice(macAddress: MACAddress(parsing: Self.mac))
            let more = try host.plan(
                "task",
                [InterfaceRequest(networkInterface: try eni(.dual), attachment: .device(device), position: 1)]
            ) { $0.ownsNamespace = false }
            _ = try host.network.apply(more)
            #expect(try host.ip("link", in: "task").elements.map { $0["ifname"].text } == ["lo", "eth0", "eth1"])
            #expect(try host.network.check(running).isEmpty)
            #expect(try host.network.check(more).isEmpty)
            #expect(host.network.teardown(more).errors.isEmpty)
            #expect(try host.ip("link", in: "task").elements.map { $0["ifname"].text } == ["lo", "eth0"])
            #expect(try host.ip("rule", in: "task").elements.count == 3)
            #expect(try host.hostLinks().contains("nic0"))
            #expect(try host.network.check(running).isEmpty)
            #expect(try host.reaches("10.0.1.5"))
        }
    }
}
