// SPDX-License-Identifier: Apache-2.0
import Addressing
import Foundation
import Testing
import VPC

@testable import TaskNetworking

@Suite struct PlannerTests {
    @Test func vethWithIPv4() throws {
        var eni = try Sample.eni()
        eni.id = "eni-0123456789abcdef0"
        let plan = try TaskNetworkPlanner.plan(Sample.request(eni), on: Sample.facts)
        #expect(
            plan.lines == [
                "namespace", "veth pair eth0 and tn-56789abcdef0",
                "settings of eth0",
                "disable_ipv6 = 1 on tn-56789abcdef0", "host end tn-56789abcdef0", "lo up",
                "address 10.0.1.5/24 on eth0",
                "neighbour 10.0.1.1 on eth0", "default route via 10.0.1.1 on eth0", "address 169.254.170.2/32 on lo",
                "address 169.254.169.253/32 on lo", "eth0 ready", "neighbour 10.0.1.5 on tn-56789abcdef0",
                "host route 10.0.1.5/32 on tn-56789abcdef0",
            ])
        #expect(plan.ownsNamespace)
    }

    @Test func vethWithIPv6AloneHasNoIPv4AtAll() throws {
        let eni = try Sample.eni(.ipv6)
        let host = "tn-" + eni.id.suffix(12)
        let linkLocal = IPv6Address.linkLocal(of: eni.macAddress)
        let plan = try TaskNetworkPlanner.plan(Sample.request(eni), on: Sample.facts)
        #expect(
            plan.lines == [
                "namespace", "veth pair eth0 and \(host)", "settings of eth0", "accept_ra = 0 on \(host)",
                "force_forwarding = 1 on \(host)", "host end \(host)", "lo up", "address 2001:db8:0:1::5/128 on eth0",
                "address \(linkLocal)/64 on eth0",
                "neighbour fe80::1 on eth0", "default route via fe80::1 on eth0", "address 169.254.170.2/32 on lo",
                "address 169.254.169.253/32 on lo", "eth0 ready", "neighbour 2001:db8:0:1::5 on \(host)",
                "host route 2001:db8:0:1::5/128 on \(host)",
            ])
    }

    @Test func olderKernelsForwardAsAWhole() throws {
        var facts = Sample.facts
        facts.forwardsIPv6PerLink = false
        let plan = try TaskNetworkPlanner.plan(Sample.request(try Sample.eni(.dual)), on: facts)
        #expect(!plan.lines.contains { $0.hasPrefix("force_forwarding") })
        #expect(HostNetworkPlan(subnets: [Sample.subnet(1, .dual)], host: facts).lines.last == "IPv6 forwarding")
        #expect(!HostNetworkPlan(subnets: [Sample.subnet(1, .ipv4)], host: facts).lines.contains("IPv6 forwarding"))
    }

    @Test func linksWithoutIPv6AreSetNothingOfIt() throws {
        let eni = try Sample.eni()
        var unknown = Sample.facts
        (unknown.hasIPv6, unknown.knowsIPv6) = (false, false)
        for (mtu, facts) in [(1279, Sample.facts), (1500, unknown)] {
            let interface = InterfaceRequest(networkInterface: eni, attachment: .veth, mtu: mtu)
            let plan = try TaskNetworkPlanner.plan(Sample.request([interface]), on: facts)
            let settings = plan.lines.filter { $0.hasPrefix("disable_ipv6") || $0.hasPrefix("settings of") }
            #expect(settings == [])
            #expect(
                !plan.requirements.contains { requirement in
                    if case .link(let link) = requirement { return link.makesLinkLocalAddress != nil }
                    return false
                })
        }
        // Switched off it is on the host, and a namespace may have it all the same.
        var off = Sample.facts
        off.hasIPv6 = false
        off.knowsIPv6 = true
        #expect(try TaskNetworkPlanner.plan(Sample.request(eni), on: off).lines.contains("settings of eth0"))
    }

    @Test func secondInterfaceHasItsOwnTable() throws {
        let first = try Sample.eni(5, subnet: 1)
        let second = try Sample.eni(7, subnet: 2, .dual, index: 1)
        var request = try Sample.request([
            InterfaceRequest(networkInterface: second, attachment: .dummy),
            InterfaceRequest(networkInterface: first, attachment: .veth),
        ])
        request.blocksInstanceMetadata = true
        let lines = try TaskNetworkPlanner.plan(request, on: Sample.facts).lines
        for line in [
            "settings of eth0", "dummy eth1", "settings of eth1", "address 10.0.2.7/24 on eth1",
            "address 2001:db8:0:2::7/128 on eth1", "rule from 10.0.2.7/32 to table 10001",
            "rule from 2001:db8:0:2::7/128 to table 10001", "route 10.0.2.0/24 on eth1 in table 10001",
            "default route via 10.0.2.1 on eth1 in table 10001", "default route via fe80::1 on eth1 in table 10001",
            "blackhole route 169.254.169.254/32", "blackhole route 169.254.169.254/32 in table 10001",
            "blackhole route fd00:ec2::254/128 in table 10001", "default route via 10.0.1.1 on eth0",
        ] {
            #expect(lines.contains(line), "\(line) in \(lines)")
        }
        #expect(!lines.contains("blackhole route fd00:ec2::254/128"))
        let firstAddress = try #require(lines.firstIndex(of: "address 10.0.1.5/24 on eth0"))
        let secondLink = try #require(lines.firstIndex(of: "dummy eth1"))
        #expect(secondLink < firstAddress)
    }

    @Test func oneMoreInterfaceIsOnlyItself() throws {
        let eni = try Sample.eni(7, subnet: 2)
        var request = try Sample.request([InterfaceRequest(networkInterface: eni, attachment: .veth, position: 1)])
        request.ownsNamespace = false
        request.filesDirectory = try AbsolutePath("/nowhere")
        let plan = try TaskNetworkPlanner.plan(request, on: Sample.facts)
        #expect(!plan.ownsNamespace)
        #expect(!plan.lines.contains { $0.contains("169.254") || $0.hasPrefix("file") || $0 == "namespace" })
        #expect(plan.lines.contains("default route via 10.0.2.1 on eth1 in table 10001"))
    }

    @Test func localRoutesLeadToTheHostOrAreLeftOut() throws {
        let networks = [try CIDRBlock(parsing: "192.168.7.0/24"), try CIDRBlock(parsing: "fd00:7::/64")]
        let device = HostDevice(
            name: try InterfaceName("ens6"), macAddress: try MACAddress(parsing: "0a:00:00:00:00:09"), mtu: 1500,
            isUp: true)
        var eni = try Sample.eni(9, subnet: 3)
        eni.macAddress = device.macAddress
        let byDevice = InterfaceRequest(networkInterface: eni, attachment: .device(device))
        let byVeth = InterfaceRequest(networkInterface: try Sample.eni(5, index: 1), attachment: .veth)

        var request = try Sample.request([byDevice, byVeth])
        request.additionalLocalRoutes = networks
        var plan = try TaskNetworkPlanner.plan(request, on: Sample.facts)
        #expect(plan.lines.contains("route 192.168.7.0/24 via 10.0.1.1 on eth1"))
        #expect(plan.remarks.count == 1 && plan.remarks[0].contains("fd00:7::/64"))

        request.interfaces = [byDevice]
        plan = try TaskNetworkPlanner.plan(request, on: Sample.facts)
        #expect(!plan.lines.contains { $0.contains("192.168.7.0") })
        #expect(plan.remarks.count == 1)

        request.interfaces = [byVeth]
        plan = try TaskNetworkPlanner.plan(request, on: Sample.facts)
        #expect(!plan.lines.contains { $0.contains("192.168.7.0") })
        #expect(plan.remarks.isEmpty)
    }

    @Test(
        arguments: [
            (nil, 1442, .ipv4, 1442), (nil, nil, .ipv4, 1500), (nil, 1200, .dual, 1280), (nil, 400, .ipv4, 576),
            (9001, 1442, .dual, 9001), (1280, 1442, .dual, 1280), (65535, 1442, .ipv4, 65535),
            (nil, 65536, .ipv4, 65535),
        ] as [(Int?, Int?, Sample.Families, Int)])
    func mtuIsTheUplinksUnlessSaid(asked: Int?, uplink: Int?, families: Sample.Families, result: Int) throws {
        var request = try Sample.request(try Sample.eni(families))
        request.interfaces[0].mtu = asked
        let plan = try TaskNetworkPlanner.plan(request, on: HostFacts(uplinkMTU: uplink))
        let mtus = plan.requirements.compactMap { if case .veth(let veth) = $0 { veth.mtu } else { nil } }
        #expect(mtus == [result])
    }

    @Test func linkGroupsAreChangedByName() throws {
        let eni = try Sample.eni(.dual)
        let interface = InterfaceRequest(networkInterface: eni, attachment: .veth, linkGroup: 7)
        let plan = try TaskNetworkPlanner.plan(try Sample.request([interface]), on: Sample.facts)
        func groups(_ plan: TaskNetworkPlan) -> [UInt32?] {
            plan.requirements.compactMap { if case .veth(let veth) = $0 { veth.hostGroup } else { nil } }
        }
        #expect(groups(plan) == [7])
        let name = try #require(eni.hostInterfaceName)
        #expect(groups(plan.settingLinkGroup(8, of: name)) == [8])
        #expect(plan.settingLinkGroup(8, of: "tn-other") == plan)
        // As a daemon wrote it that knew of no groups.
        let text = String(decoding: try JSONEncoder().encode(plan), as: UTF8.self)
        let old = text.replacing("\"hostGroup\":7,", with: "").replacing(",\"hostGroup\":7", with: "")
        #expect(old != text)
        #expect(groups(try JSONDecoder().decode(TaskNetworkPlan.self, from: Data(old.utf8))) == [nil])
    }

    @Test func plansSurviveTheStore() throws {
        let interfaces = [
            InterfaceRequest(networkInterface: try Sample.eni(.dual), attachment: .veth),
            InterfaceRequest(
                networkInterface: try Sample.eni(6, subnet: 2, index: 1),
                attachment: .macvlan(parent: try InterfaceName("ens5"), mode: .bridge)),
        ]
        var request = try Sample.request(interfaces)
        request.blocksInstanceMetadata = true
        request.filesDirectory = try AbsolutePath("/var/lib/tasknet")
        let plan = try TaskNetworkPlanner.plan(request, on: Sample.facts)
        let text = try JSONEncoder().encode(plan)
        #expect(try JSONDecoder().decode(TaskNetworkPlan.self, from: text) == plan)
        #expect(String(decoding: text, as: UTF8.self).contains(#"{"namespace":{}}"#))
    }

    @Test func hostPlansDifferByWhatChanged() throws {
        let old = HostNetworkPlan(subnets: [Sample.subnet(1, .dual), Sample.subnet(2)], host: Sample.facts)
        let new = HostNetworkPlan(subnets: [Sample.subnet(1)], host: Sample.facts)
        #expect(
            new.lines == ["lo up", "address 10.0.1.1/32 on lo", "unreachable route 10.0.1.0/24"])
        #expect(
            new.superseded(of: old).lines == [
                "address 2001:db8:0:1::1/128 on lo", "unreachable route 2001:db8:0:1::/64",
                "address 10.0.2.1/32 on lo", "unreachable route 10.0.2.0/24",
            ])
        #expect(old.superseded(of: new).requirements.isEmpty)
    }
}
