// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import TaskNetworking

/// What somebody else has changed is found, said, and mended by another apply.
@Suite(.requiresRoot) struct DriftTests {
    /// A change, on which side, and how the drift that it makes is said ("HOST" is the host's end).
    struct Change: Sendable, CustomTestStringConvertible {
        let command: String
        let isInTask: Bool
        let drift: String

        static func task(_ command: String, _ drift: String) -> Change {
            Change(command: command, isInTask: true, drift: drift)
        }

        static func host(_ command: String, _ drift: String) -> Change {
            Change(command: command, isInTask: false, drift: drift)
        }

        var testDescription: String { command }
    }

    static let changes: [Change] = [
        .task("ip link set lo down", "lo up: expected state up, found state down"),
        .task("ip addr del 10.0.1.5/24 dev eth0", "address 10.0.1.5/24 on eth0: expected present, found missing"),
        .task("ip addr del 2001:db8:0:1::5/128 dev eth0", "address 2001:db8:0:1::5/128 on eth0: expected present"),
        .task("ip addr del 169.254.170.2/32 dev lo", "address 169.254.170.2/32 on lo: expected present"),
        .task("ip route del default", "default route via 10.0.1.1 on eth0: expected present, found missing"),
        .task("ip route replace default via 10.0.1.99", "found default via 10.0.1.99"),
        .task("ip -6 route del default", "default route via fe80::1 on eth0: expected present, found missing"),
        .task("ip -6 route replace default via fe80::9 dev eth0", "found default via fe80::9"),
        .task("ip route del blackhole 169.254.169.254", "blackhole route 169.254.169.254/32: expected present"),
        .task("ip neigh del 10.0.1.1 dev eth0", "neighbour 10.0.1.1 on eth0: expected present, found missing"),
        .task("ip link set eth0 mtu 1400", "expected MTU 1500, found MTU 1400"),
        .task("ip link set eth0 down", "expected state up, found state down"),
        .task("ip link set eth0 address 02:00:00:00:00:77", "found MAC address 02:00:00:00:00:77"),
        .task(
            "ip route del default table 10001", "default route via 10.0.2.1 on eth1 in table 10001: expected present"),
        .task("ip rule del from 10.0.2.6 lookup 10001", "rule from 10.0.2.6/32 to table 10001: expected present"),
        .task("sysctl -w net.ipv4.conf.eth0.rp_filter=1", "expected rp_filter 2, found rp_filter 1"),
        .host("ip link set HOST down", "host end HOST: expected state up, found state down"),
        .host("ip link set HOST alias mine", "host end HOST: expected alias tasknet task"),
        .host("ip link set HOST mtu 1400", "veth pair eth0 and HOST: expected HOST MTU 1500, found HOST MTU 1400"),
        .host("ip link set HOST address 02:00:00:00:00:77", "found HOST MAC address 02:00:00:00:00:77"),
        .host("ip link set HOST group 7", "expected HOST link group 1953366017, found HOST link group 7"),
        .host("ip link set HOST addrgenmode eui64", "host end HOST: expected no address generation"),
        .host("ip link del HOST", "veth pair eth0 and HOST: expected present, found missing"),
        .host("ip route del 10.0.1.5", "host route 10.0.1.5/32 on HOST: expected present, found missing"),
        .host("ip route change 10.0.1.5 dev HOST proto 84", "expected 10.0.1.5/32 dev"),
        .host("ip -6 route del 2001:db8:0:1::5", "host route 2001:db8:0:1::5/128 on HOST: expected present"),
        .host("ip neigh del 10.0.1.5 dev HOST", "neighbour 10.0.1.5 on HOST: expected present, found missing"),
        .host("ip neigh replace 10.0.1.5 dev HOST lladdr 02:00:00:00:00:77", "found MAC address 02:00:00:00:00:77"),
        .host("ip neigh replace 10.0.1.5 dev HOST nud stale", "expected permanent, found learnt"),
        .host("sysctl -w net.ipv4.conf.HOST.forwarding=0", "expected forwarding 1, found forwarding 0"),
        .host("sysctl -w net.ipv4.conf.HOST.proxy_arp=0", "expected proxy_arp 1, found proxy_arp 0"),
        .host("sysctl -w net.ipv4.conf.HOST.rp_filter=0", "expected rp_filter 1, found rp_filter 0"),
        .host("sysctl -w net.ipv4.neigh.HOST.proxy_delay=80", "expected proxy_delay 0, found proxy_delay 80"),
        .host("sysctl -w net.ipv6.conf.HOST.accept_ra=1", "expected accept_ra 0, found accept_ra 1"),
        .host("rm DIRECTORY/hosts", "hosts: expected present, found missing"),
        .host("cp /etc/passwd DIRECTORY/hosts", "hosts: expected its text, found another text"),
        .host("umount -l NAMESPACE", "namespace: expected present, found missing"),
    ]

    @Test(arguments: changes)
    func isFoundSaidAndMended(change: Change) throws {
        try PathHost.with { host in
            let eni = try Sample.eni(5, .dual)
            let interfaces = [
                InterfaceRequest(networkInterface: eni, attachment: .veth, linkGroup: 0x746e_0001),
                InterfaceRequest(networkInterface: try Sample.eni(6, subnet: 2, index: 1), attachment: .veth),
            ]
            let directory = try AbsolutePath(host.test.directory.string)
            let plan = try host.plan("task", interfaces) {
                $0.filesDirectory = directory
                $0.blocksInstanceMetadata = true
            }
            _ = try host.network.apply(plan)
            #expect(try host.network.check(plan) == [])

            func text(_ text: String) -> String {
                text.replacing("HOST", with: eni.hostLink).replacing("DIRECTORY", with: directory.text)
                    .replacing("NAMESPACE", with: host.test.namespacePath("task").string)
            }
            try host.run(text(change.command), in: change.isInTask ? "task" : nil)
            let drifts = try host.network.check(plan)
            #expect(drifts.contains { "\($0)".contains(text(change.drift)) }, "\(drifts)")

            _ = try host.network.apply(plan)
            #expect(try host.network.check(plan) == [])
            #expect(try host.reaches("10.0.1.5"))
            #expect(try host.reaches("2001:db8:0:1::5"))
            #expect(try host.reaches("10.0.2.6"))
            #expect(host.network.teardown(plan).errors.isEmpty)
        }
    }

    @Test func renamedEndsAreFoundAgain() throws {
        try PathHost.with { host in
            let eni = try Sample.eni(5, .dual)
            let plan = try host.plan("task", eni)
            _ = try host.network.apply(plan)
            for (command, task) in [("eth0 name mine", "task"), ("\(eni.hostLink) name theirs", nil)] {
                let name = command.split(separator: " ").first.map(String.init) ?? ""
                try host.run("ip link set \(name) down", in: task)
                try host.run("ip link set \(command)", in: task)
                #expect(try !host.network.check(plan).isEmpty)
                _ = try host.network.apply(plan)
                #expect(try host.network.check(plan) == [])
                #expect(try host.reaches("10.0.1.5"))
            }
            #expect(try host.hostLinks() == [eni.hostLink])
        }
    }

    @Test func manyPlansAreCheckedAtOnce() throws {
        try PathHost.with { host in
            let plans = try (5..<15).map { try host.plan("task\($0)", try Sample.eni($0, .dual)) }
            for plan in plans { _ = try host.network.apply(plan) }
            try host.run("ip route del 10.0.1.9")
            let drifts = try host.network.check(plans.map { CheckedPlan($0) }).map { try $0.get() }
            #expect(drifts.map(\.count) == [0, 0, 0, 0, 1, 0, 0, 0, 0, 0])
        }
    }

    /// Two plans in one namespace, one in a sandbox, one whose namespace is gone and one whose path is a directory.
    @Test func eachPlanIsCheckedWhereItIsAndWhatOneComesToIsNotTheOthers() throws {
        try PathHost.with { host in
            let first = try host.plan("task", try Sample.eni(5))
            _ = try host.network.apply(first)
            let later = InterfaceRequest(
                networkInterface: try Sample.eni(6, subnet: 2, index: 1), attachment: .veth, position: 1)
            let second = try host.plan("task", [later]) { $0.ownsNamespace = false }
            _ = try host.network.apply(second)
            let namespace = try NetworkNamespace.create()
            let sandbox = try host.plan("sandbox", try Sample.eni(7)) { $0.ownsNamespace = false }
            _ = try host.network.apply(sandbox, in: namespace)
            let gone = try host.plan("gone", try Sample.eni(8))
            _ = try host.network.apply(gone)
            try host.run("umount -l \(try host.path("gone"))")
            var wrong = first
            wrong.namespacePath = try AbsolutePath(host.test.directory.string + "/netns/host/below")
            try host.run("ip addr del 10.0.2.6/24 dev eth1", in: "task")
            try TestSupport.run(["ip", "link", "set", "eth0", "mtu", "1400"], in: namespace)

            let plans = [first, wrong, second, gone].map { CheckedPlan($0) } + [CheckedPlan(sandbox, in: namespace)]
            let results = try host.network.check(plans)
            let texts = results.map { result in (try? result.get())?.map(\.description) }
            #expect(texts[0] == [])
            guard case .failure(let error) = results[1] else {
                Issue.record("a path below a file is no namespace's")
                return
            }
            #expect("\(error)".contains("Not a directory"))
            #expect(texts[2]?.first?.hasPrefix("address 10.0.2.6/24 on eth1: expected present") == true)
            #expect(texts[3]?.contains("namespace: expected present, found missing") == true)
            #expect((try? results[3].get())?.first?.kind == .namespaceGone)
            #expect(texts[4]?.contains { $0.hasSuffix("expected MTU 1500, found MTU 1400") } == true)
            #expect(host.network.teardown(sandbox, in: namespace).errors.isEmpty)
        }
    }

    @Test func theHostsPartIsMended() throws {
        try PathHost.with { host in
            let plan = HostNetworkPlan(subnets: [Sample.subnet(1, .dual), Sample.subnet(2, .dual)], host: host.facts)
            for (command, drift) in [
                ("ip route del unreachable 10.0.1.0/24", "unreachable route 10.0.1.0/24"),
                ("ip -6 route del unreachable 2001:db8:0:1::/64", "unreachable route 2001:db8:0:1::/64"),
                ("ip addr del 10.0.2.1/32 dev lo", "address 10.0.2.1/32 on lo"), ("ip link set lo down", "lo up"),
            ] {
                try host.run(command)
                let drifts = try host.network.check(plan)
                #expect(drifts.contains { "\($0)".contains(drift) }, "\(drifts)")
                _ = try host.network.apply(plan)
                #expect(try host.network.check(plan) == [])
            }
        }
    }
}
