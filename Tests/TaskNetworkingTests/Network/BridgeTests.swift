// SPDX-License-Identifier: Apache-2.0
import Addressing
import Foundation
import Linux
import TestSupport
import Testing

@testable import TaskNetworking

/// A task on a bridge of the host's, which the planner does not plan: others do.
@Suite(.requiresRoot) struct BridgeTests {
    private static let mac = MACAddress(rawValue: 0x0a00_0000_0001)

    private func bridge(_ addresses: String..., name: String = "br0") throws -> BridgeRequirement {
        BridgeRequirement(
            name: try InterfaceName(name), macAddress: try #require(Self.mac), mtu: 1400,
            addresses: try addresses.map { try InterfaceAddress(parsing: $0) })
    }

    private func plan(_ host: PathHost, _ bridge: BridgeRequirement) throws -> TaskNetworkPlan {
        let (name, hostName) = (try InterfaceName("eth7"), try InterfaceName("veth7"))
        let gateway = try IPAddress(parsing: "10.9.0.1")
        return TaskNetworkPlan(
            taskID: "task", namespacePath: try host.path("task"),
            requirements: [
                .namespace(NamespaceRequirement()),
                .veth(
                    VethRequirement(
                        name: name, macAddress: try #require(MACAddress(rawValue: 0x0a58_0a09_0002)),
                        hostName: hostName,
                        hostMACAddress: try #require(MACAddress(rawValue: 0x0a00_0000_0002)), mtu: 1400,
                        alias: "somebody's")),
                .link(LinkRequirement(scope: .host, name: hostName, alias: "somebody's")),
                .address(
                    AddressRequirement(scope: .task, link: name, address: try InterfaceAddress(parsing: "10.9.0.2/24"))),
                .ready(ReadyRequirement(name: name)),
                .route(
                    RouteRequirement(
                        scope: .task, to: try CIDRBlock(parsing: "10.9.0.1/32"), via: gateway, link: name,
                        originator: 3)),
                .noConnectedRoutes(NoConnectedRoutesRequirement(link: name)),
                .bridge(bridge), .ready(ReadyRequirement(scope: .host, name: hostName)),
                .bridgePort(BridgePortRequirement(link: hostName, bridge: bridge.name)),
                .ready(ReadyRequirement(scope: .host, name: bridge.name)),
            ])
    }

    @Test func forwardsAtOnce() throws {
        try PathHost.with { host in
            let plan = try plan(host, bridge("10.9.0.1/24", "2001:db8:9::1/64"))
            _ = try host.network.apply(plan)
            let link = try host.ip("addr", "show", "br0")[0]
            #expect(link["address"].text == "0a:00:00:00:00:01" && link["mtu"].integer == 1400)
            #expect(link["operstate"].text == "UP")
            let port = try host.ip("link", "show", "veth7")[0]
            #expect(port["linkinfo"]["info_slave_data"]["state"].text == "forwarding")
            #expect(try host.reaches("10.9.0.1", from: "task"))
            let routes = try host.ip("route", in: "task").elements
            #expect(routes.map { $0["dst"].text } == ["10.9.0.1"] && routes.first?["protocol"].text == "boot")
            #expect(try host.ip("-6", "route", in: "task").elements.isEmpty)
            #expect(try host.network.check(plan).isEmpty)
        }
    }

    @Test func storedAndReadAgain() throws {
        try PathHost.with { host in
            let plan = try plan(host, bridge("10.9.0.1/24"))
            let text = try JSONEncoder().encode(plan)
            #expect(try JSONDecoder().decode(TaskNetworkPlan.self, from: text) == plan)
        }
    }

    @Test func whatIsThereIsKept() throws {
        try PathHost.with { host in
            try host.run("ip link add br0 address 02:00:00:00:00:07 type bridge")
            try host.run("ip addr add 10.9.0.1/24 dev br0")
            let plan = try plan(host, bridge("10.9.0.1/24"))
            _ = try host.network.apply(plan)
            #expect(try host.ip("link", "show", "br0")[0]["address"].text == "02:00:00:00:00:07")
            #expect(host.network.teardown(plan).errors.isEmpty)
            #expect(try host.ip("link", "show", "br0").elements.count == 1)
        }
    }

    @Test func inTheWay() throws {
        try PathHost.with { host in
            try host.run("ip link add br0 type veth peer name br1")
            try host.run("ip link add br2 type bridge")
            try host.run("ip addr add 10.8.0.1/24 dev br2")
            let before = try host.hostLinks()
            for (name, text) in [("br0", "is not a bridge (veth)"), ("br2", "it has 10.8.0.1/24")] {
                let plan = try plan(host, bridge("10.9.0.1/24", name: name))
                let error = #expect(throws: TaskNetworkError.self) { try host.network.apply(plan) }
                #expect(error?.description.contains(text) == true)
                try host.untilHostLinks(are: before)
            }
        }
    }

    /// Whatever the step: refused at first sight, in the midst of the bridge's own, or after all of them.
    @Test(arguments: [
        ("ip addr add 2001:db8:8::1/64 dev br0 nodad", "2001:db8:9::1/64", false, "mismatch"),
        ("ip link set br0 mtu 1279", "2001:db8:9::1/64", false, "2001:db8:9::1/64"),
        ("ip link set br0 down", "2001:db8:9::1/64", true, "none"),
    ])
    func aBridgeThatIsThereIsAsBefore(command: String, second: String, goesOn: Bool, text: String) throws {
        try PathHost.with { host in
            try host.run("ip link add br0 type bridge")
            try host.run(command)
            let before = try state(of: "br0", host)
            var plan = try plan(host, bridge("10.9.0.1/24", second))
            if goesOn {
                plan.requirements.append(
                    .bridgePort(
                        BridgePortRequirement(link: try InterfaceName("none"), bridge: try InterfaceName("br0"))))
            }
            let error = #expect(throws: TaskNetworkError.self) { try host.network.apply(plan) }
            #expect(error?.description.contains(text) == true, "\(error.map(\.description) ?? "")")
            #expect(error?.notUndone.isEmpty == true)
            #expect(try state(of: "br0", host) == before)
        }
    }

    private func state(of bridge: String, _ host: PathHost) throws -> [String?] {
        let link = try host.ip("addr", "show", bridge)[0]
        let addresses = link["addr_info"].elements.map { $0["local"].text }
        return [link["flags"].texts.contains("UP") ? "up" : "down"] + addresses
    }

    /// What is used by somebody who has come meanwhile stays.
    @Test func aBridgeThatSomebodyElseUsesByNowStaysUp() throws {
        try PathHost.with { host in
            try host.run("ip link add br0 type bridge")
            let bridge = try bridge("10.9.0.1/24")
            let ground = Ground(host: try Side(host.namespace), namespacePath: nil)
            _ = try bridge.apply(in: ground)
            try host.run("ip link add other type veth peer name other1")
            try host.run("ip link set other master br0")
            try bridge.undo(in: ground)
            #expect(try state(of: "br0", host).starts(with: ["up", "10.9.0.1"]))
            try host.run("ip link del other")
            try bridge.undo(in: ground)
            #expect(try state(of: "br0", host) == ["down"])
        }
    }

    /// One of ours goes with the last who uses it, when its making has failed or is taken back.
    @Test func goesUnlessItIsUsed() throws {
        try PathHost.with { host in
            for place in ["all", "default"] {
                try Sysctl.ipv6(interface: place, "disable_ipv6").write("1", in: host.namespace)
            }
            let refused = try plan(host, bridge("10.9.0.1/24", "2001:db8:9::1/64"))
            #expect(throws: TaskNetworkError.self) { try host.network.apply(refused) }
            try host.untilHostLinks(are: [])
            let made = try plan(host, bridge("10.9.0.1/24"))
            _ = try host.network.apply(made)
            try host.run("ip link add other type veth peer name other1")
            try host.run("ip link set other master br0")
            #expect(host.network.teardown(made).errors.isEmpty)
            #expect(try host.ip("link", "show", "br0").elements.count == 1)
        }
    }

    @Test(arguments: [
        ("ip link set veth7 nomaster", true, "veth7 on bridge br0"), ("ip link set br0 down", true, "bridge br0"),
        ("ip addr flush dev br0", true, "address 10.9.0.1/24"),
        ("ip route add 10.9.0.0/24 dev eth7", false, "no connected routes on eth7"),
    ])
    func drift(command: String, isHost: Bool, text: String) throws {
        try PathHost.with { host in
            let plan = try plan(host, bridge("10.9.0.1/24"))
            _ = try host.network.apply(plan)
            try host.run(command, in: isHost ? nil : "task")
            let drifts = try host.network.check(plan).map(\.description)
            #expect(drifts.contains { $0.contains(text) }, "\(drifts)")
        }
    }

    /// A call that is under way at the same time has made the same: neither touches what is the other's.
    @Test func aPairThatIsAlwaysNewAdoptsNone() throws {
        try PathHost.with { host in
            func plan(_ hostName: String, _ bytes: UInt64) throws -> TaskNetworkPlan {
                let veth = VethRequirement(
                    name: try InterfaceName("eth7"), macAddress: try #require(MACAddress(rawValue: bytes)),
                    hostName: try InterfaceName(hostName),
                    hostMACAddress: try #require(MACAddress(rawValue: bytes + 1)), mtu: 1400, alias: "same",
                    isAlwaysNew: true)
                return TaskNetworkPlan(
                    taskID: "task", namespacePath: try host.path("task"),
                    requirements: [
                        .namespace(NamespaceRequirement()), .veth(veth),
                        .link(LinkRequirement(scope: .host, name: veth.hostName, alias: "same")),
                    ])
            }
            _ = try host.network.apply(plan("veth7", 0x0a00_0000_0010))
            for name in ["veth7", "veth8"] {
                let second = try plan(name, 0x0a00_0000_0020)
                let error = #expect(throws: TaskNetworkError.self) { try host.network.apply(second) }
                #expect(error?.description.contains("eth7") == true)
                #expect(try host.ip("link", "show", "veth7")[0]["address"].text == "0a:00:00:00:00:11")
                #expect(try host.ip("link", "show", "eth7", in: "task")[0]["address"].text == "0a:00:00:00:00:10")
            }
        }
    }
}
