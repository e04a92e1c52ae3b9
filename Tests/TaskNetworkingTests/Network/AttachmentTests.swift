// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import TestSupport
import Testing
import VPC

@testable import TaskNetworking

/// The kinds that have nothing of their own on the host, and several interfaces in one task.
@Suite(.requiresRoot) struct AttachmentTests {
    private func expectInterface(_ host: PathHost, _ eni: NetworkInterface, kind: String, mac: Bool = true) throws {
        let eth0 = try host.ip("addr", "show", "eth0", in: "task")[0]
        #expect(eth0["linkinfo"]["info_kind"].text == kind)
        if mac { #expect(eth0["address"].text == eni.macAddress.description) }
        let addresses = eth0["addr_info"].elements.compactMap { $0["local"].text }
        #expect(addresses.contains("10.0.2.7") && addresses.contains("2001:db8:0:2::7"))
        let route = try host.ip("route", in: "task").first(where: "dst", is: "default")
        #expect(route["gateway"].text == "10.0.2.1")
    }

    private func attach(_ kind: AttachmentKind, on host: PathHost, named name: String, mac: Bool = true) throws {
        let eni = try Sample.eni(7, subnet: 2, .dual)
        let plan = try host.plan("task", eni, as: kind)
        let before = try host.state()
        for _ in 1...2 {
            _ = try host.network.apply(plan)
            try expectInterface(host, eni, kind: name, mac: mac)
            #expect(try host.network.check(plan).isEmpty)
            _ = try host.network.apply(plan)
            let result = host.network.teardown(plan)
            #expect(result.errors.isEmpty && result.remarks.isEmpty)
            #expect(try host.changes(since: before) == [])
        }
    }

    @Test(.requiresKernel("dummy")) func dummy() throws {
        try PathHost.with { host in try attach(.dummy, on: host, named: "dummy") }
    }

    @Test(.requiresKernel("macvlan"), arguments: AttachmentKind.MACVLANMode.allCases)
    func macvlan(mode: AttachmentKind.MACVLANMode) throws {
        try PathHost.with { host in
            try host.run("ip link add nic0 up type veth peer name wire0")
            let parent = try InterfaceName("nic0")
            try attach(.macvlan(parent: parent, mode: mode), on: host, named: "macvlan")
        }
    }

    @Test(.requiresKernel("ipvlan"), arguments: [AttachmentKind.IPVLANMode.l2, .l3, .l3s])
    func ipvlan(mode: AttachmentKind.IPVLANMode) throws {
        try PathHost.with { host in
            try host.run("ip link add nic0 up type veth peer name wire0")
            let parent = try InterfaceName("nic0")
            try attach(.ipvlan(parent: parent, mode: mode), on: host, named: "ipvlan", mac: false)
        }
    }

    @Test(.requiresKernel("vlan")) func branch() throws {
        try PathHost.with { host in
            try host.run("ip link add nic0 up type veth peer name wire0")
            let trunk = try InterfaceName("nic0")
            try attach(.branch(trunk: trunk, vlanID: 77), on: host, named: "vlan")
        }
    }

    @Test(.requiresKernel("macvlan")) func tasksOnTheHostsNetworkReachIt() throws {
        try PathHost.with { host in
            // A network with a router, on which the host has a NIC.
            _ = try host.test.makeNamespace("router")
            try host.run("ip link add nic0 up type veth peer name lan0 netns \(try host.path("router"))")
            try host.run("ip link set lan0 up", in: "router")
            try host.run("ip addr add 10.0.2.1/24 dev lan0", in: "router")
            let kind = AttachmentKind.macvlan(parent: try InterfaceName("nic0"), mode: .bridge)
            _ = try host.network.apply(try host.plan("one", try Sample.eni(7, subnet: 2), as: kind))
            _ = try host.network.apply(try host.plan("two", try Sample.eni(8, subnet: 2), as: kind))
            #expect(try host.reaches("10.0.2.1", from: "one"))
            #expect(try host.reaches("10.0.2.8", from: "one"))
            #expect(try host.reaches("10.0.2.7", from: "router"))
        }
    }

    @Test func aParentThatIsNotThere() throws {
        try PathHost.with { host in
            let before = try host.state()
            let kind = AttachmentKind.macvlan(parent: try InterfaceName("nowhere0"), mode: .bridge)
            let plan = try host.plan("task", try Sample.eni(), as: kind)
            let error = #expect(throws: TaskNetworkError.self) { try host.network.apply(plan) }
            #expect(error?.description.contains("nowhere0") == true, "\(String(describing: error))")
            #expect(try host.changes(since: before) == [])
        }
    }

    @Test(arguments: [Sample.Families.ipv4, .dual])
    func theSecondInterfaceAnswersByItself(families: Sample.Families) throws {
        try PathHost.with { host in
            let interfaces = [
                InterfaceRequest(networkInterface: try Sample.eni(5, families), attachment: .veth),
                InterfaceRequest(
                    networkInterface: try Sample.eni(6, subnet: 2, families, index: 1), attachment: .veth),
            ]
            let plan = try host.plan("task", interfaces)
            _ = try host.network.apply(plan)
            _ = try host.network.apply(try host.plan("other", try Sample.eni(7, families)))
            for (first, second, other) in [
                ("10.0.1.5", "10.0.2.6", "10.0.1.7"), ("2001:db8:0:1::5", "2001:db8:0:2::6", "2001:db8:0:1::7"),
            ] where first.contains(":") ? families.hasIPv6 : families.hasIPv4 {
                #expect(try host.reaches(first, from: "other"))
                #expect(try host.reaches(second, from: "other"))
                #expect(try host.reaches(other, from: "task", source: first))
                #expect(try host.reaches(other, from: "task", source: second))
                // What has the second address leaves by the second link, whatever the main table says.
                let way = try host.ip("route", "get", "203.0.113.9", "from", "10.0.2.6", in: "task")[0]
                #expect(way["dev"].text == "eth1")
            }
            let rules = try host.ip("rule", in: "task")
            #expect(rules.elements.contains { $0["src"].text == "10.0.2.6" && $0["priority"].integer == 10001 })
            let table = try host.ip("route", "show", "table", "10001", in: "task")
            #expect(table.elements.map { $0["dst"].text } == ["default", "10.0.2.0/24"])
            #expect(try host.network.check(plan).isEmpty)
            #expect(host.network.teardown(plan).errors.isEmpty)
        }
    }

    @Test func oneMoreVethForARunningTask() throws {
        try PathHost.with { host in
            let running = try host.plan("task", try Sample.eni(5, .dual))
            _ = try host.network.apply(running)
            let eni = try Sample.eni(6, subnet: 2, .dual)
            let more = try host.plan(
                "task", [InterfaceRequest(networkInterface: eni, attachment: .veth, position: 1)]
            ) { $0.ownsNamespace = false }
            _ = try host.network.apply(more)
            _ = try host.network.apply(more)
            #expect(try host.reaches("10.0.2.6"))
            #expect(try host.network.check(more).isEmpty)
            #expect(host.network.teardown(more).errors.isEmpty)
            #expect(host.network.teardown(more).errors.isEmpty)
            #expect(try host.ip("link", in: "task").elements.map { $0["ifname"].text } == ["lo", "eth0"])
            #expect(try host.ip("route", "show", "10.0.2.6").elements.isEmpty)
            #expect(try host.network.check(running).isEmpty)
            #expect(try host.reaches("10.0.1.5"))
        }
    }
}
