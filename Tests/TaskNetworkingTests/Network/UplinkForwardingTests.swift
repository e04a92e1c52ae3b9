// SPDX-License-Identifier: Apache-2.0
import Addressing
import Foundation
import Linux
import TestSupport
import Testing
import VPC

@testable import TaskNetworking

/// A host that forwards nothing by itself, with links to the outside.
@Suite("Forwarding on uplinks", .requiresRoot) struct UplinkForwardingTests {
    private let none = HostNetworkPlan(requirements: [])

    private static func with(_ body: (TestHost, TaskNetwork) throws -> Void) throws {
        try TestHost.with { test in
            for (name, number) in [("wan", 1), ("wlan.5", 2)] {
                try run(["ip", "link", "add", name, "type", "veth", "peer", "name", "far-\(name)"], in: test.namespace)
                try run(["ip", "addr", "add", "192.0.\(number).2/24", "dev", name], in: test.namespace)
                try run(["ip", "link", "set", name, "up"], in: test.namespace)
            }
            try run(["ip", "route", "add", "default", "via", "192.0.1.1"], in: test.namespace)
            try body(test, try TaskNetwork(host: test.namespace))
        }
    }

    private func value(_ link: String, _ test: TestHost, _ family: IPFamily = .v4) throws -> String {
        try UplinkForwardingRequirement.setting(family, link).read(in: test.namespace)
    }

    private func apply(_ network: TaskNetwork, after made: HostNetworkPlan) throws -> HostNetworkPlan {
        let plan = made.forwarding(by: try network.uplinks(), after: made)
        _ = try network.apply(plan.forwarding, replacing: made.forwarding)
        return plan
    }

    @Test("What was off is on for tasks, follows the default route, and is off again at the end")
    func followsTheDefaultRoute() throws {
        try Self.with { test, network in
            let first = try apply(network, after: none)
            #expect(first.linksForwardingForTasks == [.v4: ["wan"]])
            #expect(try value("wan", test) == "1")
            #expect(try value("wlan.5", test) == "0")
            #expect(try network.check(first) == [])
            // As the next daemon finds it.
            #expect(try apply(network, after: first) == first)

            try run(["ip", "route", "replace", "default", "via", "192.0.2.1"], in: test.namespace)
            let second = try apply(network, after: first)
            #expect(second.linksForwardingForTasks == [.v4: ["wlan.5"]])
            #expect(try value("wan", test) == "0")
            #expect(try value("wlan.5", test) == "1")
            #expect(network.teardown(second).errors.isEmpty)
            #expect(try value("wlan.5", test) == "0")
        }
    }

    @Test("Somebody else's write is seen, and mended")
    func drift() throws {
        try Self.with { test, network in
            let plan = try apply(network, after: none)
            try UplinkForwardingRequirement.setting(.v4, "wan").write("0", in: test.namespace)
            let drift = try network.check(plan).map(\.description)
            #expect(drift.first?.contains("net.ipv4.conf.wan.forwarding 0") == true, "\(drift)")
            #expect(try apply(network, after: plan) == plan)
            #expect(try value("wan", test) == "1")
        }
    }

    @Test("A link that forwards already is not ours, and stays as it is")
    func forwardsAlready() throws {
        try Self.with { test, network in
            try UplinkForwardingRequirement.setting(.v4, "wan").write("1", in: test.namespace)
            let plan = try apply(network, after: none)
            #expect(plan.linksForwardingForTasks == [:])
            #expect(network.teardown(plan).errors.isEmpty)
            #expect(try value("wan", test) == "1")
        }
    }

    @Test("When the whole host is made to forward by somebody else, ours is no longer ours")
    func wholeHost() throws {
        try Self.with { test, network in
            let plan = try apply(network, after: none)
            try Sysctl("net", "ipv4", "ip_forward").write("1", in: test.namespace)
            let after = try apply(network, after: plan)
            #expect(after.linksForwardingForTasks == [:])
            #expect(try value("wan", test) == "1")
            try Sysctl("net", "ipv4", "ip_forward").write("0", in: test.namespace)
            #expect(try apply(network, after: after).linksForwardingForTasks == [.v4: ["wan"]])
        }
    }

    @Test("IPv6, where it goes link by link", .enabled(if: UplinkForwardingTests.forwardsIPv6PerLink))
    func ipv6() throws {
        try Self.with { test, network in
            try run(["ip", "-6", "route", "add", "default", "dev", "wan"], in: test.namespace)
            let plan = try apply(network, after: none)
            #expect(
                plan.requirements.map(\.description) == ["IPv4 forwarding on wan", "IPv6 forwarding on wan"])
            #expect(plan.linksForwardingForTasks == [.v4: ["wan"], .v6: ["wan"]])
            #expect(try value("wan", test, .v6) == "1")
            #expect(try Sysctl.ipv6(interface: "all", "forwarding").read(in: test.namespace) == "0")
            try Sysctl.ipv6(interface: "all", "forwarding").write("1", in: test.namespace)
            let after = try apply(network, after: plan)
            #expect(after.requirements.map(\.description) == ["IPv4 forwarding on wan"])
            #expect(after.linksForwardingForTasks == [.v4: ["wan"]])
            #expect(try value("wan", test, .v6) == "0", "without use, and as it was")
        }
    }

    static let forwardsIPv6PerLink =
        (try? Sysctl.ipv6(interface: "default", "force_forwarding").read()) != nil

    @Test("A link that has gone is in nobody's way")
    func linkGone() throws {
        try Self.with { test, network in
            let plan = try apply(network, after: none)
            try run(["ip", "link", "del", "wan"], in: test.namespace)
            #expect(try network.check(plan) == [])
            #expect(try apply(network, after: plan).linksForwardingForTasks == [:])
        }
    }

    @Test("In a stored plan it is what it was")
    func stored() throws {
        let plan = HostNetworkPlan(requirements: [
            .uplinkForwarding(UplinkForwardingRequirement(link: try InterfaceName("wan"), family: .v6))
        ])
        let text = try JSONEncoder().encode(plan)
        #expect(try JSONDecoder().decode(HostNetworkPlan.self, from: text) == plan)
    }

    @Test("Tasks' links forward again after somebody has switched it off for all")
    func taskLinks() throws {
        try PathHost.with { host in
            let eni = try Sample.eni(5)
            let plan = try host.plan("task5", eni)
            _ = try host.network.apply(plan)
            #expect(try host.network.mendTaskLinks() == [])
            try Sysctl("net", "ipv4", "ip_forward").write("1", in: host.namespace)
            try Sysctl("net", "ipv4", "ip_forward").write("0", in: host.namespace)
            #expect(try host.network.mendTaskLinks() == [eni.hostLink])
            #expect(try host.network.check(plan) == [])
        }
    }
}
