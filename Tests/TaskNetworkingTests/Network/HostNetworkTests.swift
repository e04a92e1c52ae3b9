// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import TestSupport
import Testing

@testable import TaskNetworking

@Suite(.requiresRoot) struct HostNetworkTests {
    /// What kernels before 6.17 need: the whole host forwards, and keeps taking its own router's advertisements.
    @Test func forwardingOfTheWholeHost() throws {
        try TestHost.with { test in
            func setting(_ name: String) throws -> String {
                try Sysctl(["net", "ipv6", "conf"] + name.split(separator: "/").map(String.init)).read(
                    in: test.namespace)
            }
            try run(["ip", "link", "add", "uplink", "type", "bridge"], in: test.namespace)
            try run(["ip", "link", "add", "still", "type", "bridge"], in: test.namespace)
            try Sysctl.ipv6(interface: "still", "accept_ra").write("0", in: test.namespace)
            let network = try TaskNetwork(host: test.namespace)
            var facts = try network.hostFacts()
            facts.forwardsIPv6PerLink = false
            let plan = HostNetworkPlan(subnets: [Sample.subnet(1, .dual)], host: facts)
            #expect(try network.check(plan).map(\.requirement.description).contains("IPv6 forwarding"))
            _ = try network.apply(plan)
            #expect(try network.check(plan) == [])
            #expect(try setting("all/forwarding") == "1")
            #expect(try setting("uplink/accept_ra") == "2")
            #expect(try setting("still/accept_ra") == "0")
            _ = try network.apply(plan)
            #expect(network.teardown(plan).errors.isEmpty)
            #expect(try setting("all/forwarding") == "1")
        }
    }

    @Test func tasksReachEachOtherThroughAForwardingHost() throws {
        try PathHost.with { host in
            var facts = host.facts
            facts.forwardsIPv6PerLink = false
            _ = try host.network.apply(HostNetworkPlan(subnets: [Sample.subnet(1, .dual)], host: facts))
            for number in [5, 6] {
                let request = TaskNetworkRequest(
                    taskID: "task\(number)", namespacePath: try host.path("task\(number)"), hostname: "task",
                    interfaces: [
                        InterfaceRequest(networkInterface: try Sample.eni(number, .dual), attachment: .veth)
                    ])
                _ = try host.network.apply(try TaskNetworkPlanner.plan(request, on: facts))
            }
            #expect(try host.reaches("2001:db8:0:1::6", from: "task5"))
            #expect(try host.reaches("10.0.1.6", from: "task5"))
        }
    }

    @Test func factsOfAHostWithoutIPv6() throws {
        try TestHost.with { test in
            try Sysctl.ipv6(interface: "all", "disable_ipv6").write("1", in: test.namespace)
            let network = try TaskNetwork(host: test.namespace)
            let facts = try network.hostFacts()
            #expect(!facts.hasIPv6)
            #expect(facts.uplinkMTU == nil)
            let plan = HostNetworkPlan(subnets: [Sample.subnet(1, .dual)], host: facts)
            _ = try network.apply(plan)
            #expect(try network.check(plan) == [])
            #expect(plan.lines == ["lo up", "address 10.0.1.1/32 on lo", "unreachable route 10.0.1.0/24"])
        }
    }
}
