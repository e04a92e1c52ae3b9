// SPDX-License-Identifier: Apache-2.0

import Addressing
import ECSAPI
import JSON
import Testing
import VPC

@testable import tasknet

@Suite("Doctor")
struct DoctorTests {
    private let live = SampleTasks.id("1a")
    private let gone = SampleTasks.id("2b")

    private func findings(_ leftovers: Leftovers) -> [Finding] {
        leftovers.findings(live: [live], known: [live, SampleTasks.id("3c")], blocks: ["10.64.1.0/24", "fd00::/64"])
    }

    @Test("What tasks that run have is no leftover")
    func owned() {
        var leftovers = Leftovers()
        leftovers.links = [.init(name: "tn-0123456789ab", alias: "tasknet \(live) eni-1", index: 5)]
        leftovers.routes = [
            .init(text: "10.64.1.5/32", linkName: "tn-0123456789ab", isIPv6: false),
            .init(text: "unreachable 10.64.1.0/24", isIPv6: false, unreachableBlock: "10.64.1.0/24"),
        ]
        leftovers.namespaces = [.init(name: live, isBound: true), .init(name: "somebody", isBound: false)]
        leftovers.directories = [
            .init(name: live, path: "/s/tasks/\(live)", pausePID: 7),
            .init(name: SampleTasks.id("3c"), path: "/s/tasks/x"),
        ]
        #expect(findings(leftovers) == [Finding("leftovers", .ok, "none: links, routes, namespaces, directories")])
    }

    @Test("What sandboxes have is no leftover; what a forgotten one had is")
    func sandboxes() throws {
        var leftovers = Leftovers()
        leftovers.links = [
            .init(name: "tn-0123456789ab", alias: "tasknet box eni-1", index: 5),
            .init(name: "tn-0123456789ac", alias: "tasknet box eni-2", index: 6),
        ]
        leftovers.routes = [
            .init(text: "10.64.1.5/32", linkName: "tn-0123456789ab", isIPv6: false),
            .init(text: "10.64.1.6/32", linkName: "tn-0123456789ac", isIPv6: false),
            .init(text: "unreachable 10.64.7.0/24", isIPv6: false, unreachableBlock: "10.64.7.0/24"),
        ]
        let eni = NetworkInterface(
            id: "eni-1", attachmentID: "a", macAddress: try #require(MACAddress("0a:00:00:00:00:01")),
            ipv4Addresses: [.init(address: try #require(IPv4Address("10.64.7.9")), primary: true)])
        let blocks = leftovers.blocks(of: [NetworkInterfaceDescription(eni, status: .attached)])
        let found = leftovers.findings(live: [live], sandboxed: ["eni-1"], known: [], blocks: Set(blocks))
        #expect(
            found.map(\.text) == [
                "link tn-0123456789ac belongs to container box, which tasknetd does not know",
                "route 10.64.1.6/32 dev tn-0123456789ac is tasknet's and belongs to no task and no subnet",
            ])
    }

    @Test("What others have changed in the packet filter is a problem, with its mend")
    func packetFilter() {
        let whole = DaemonChecks.packetFilterFindings([])
        #expect(whole.map(\.verdict) == [.ok])
        let found = DaemonChecks.packetFilterFindings(["table inet tasknet is missing", "\u{1b}[0m", "x"])
        #expect(found.map(\.verdict) == [.problem])
        #expect(
            found.first?.text == """
                security groups are not in the packet filter as they are described: \
                table inet tasknet is missing, and 2 more
                """)
        #expect(found.first?.mend?.hasPrefix("systemctl reload tasknetd makes it anew") == true)
        #expect(DaemonChecks.packetFilterFindings(["\u{1b}[0m"]).first?.text.contains("\u{1b}") == false)
    }

    @Test("An ENI's owner is its task, or its container and pod")
    func owners() throws {
        var eni = NetworkInterfaceDescription(
            NetworkInterface(
                id: "eni-1", attachmentID: "a", macAddress: try #require(MACAddress("0a:00:00:00:00:01"))),
            status: .attached)
        eni.sandbox = SandboxDescription(
            network: "net", containerId: String(repeating: "0123456789abcdef", count: 4), interfaceName: "eth0",
            networkNamespace: "/n")
        #expect(ENICommand.List.table([eni]).lines()[1].contains("eni-1  0123456789ab  -"))
        eni.sandbox?.podNamespace = "default"
        eni.sandbox?.podName = "web"
        #expect(ENICommand.List.table([eni]).lines()[1].contains("0123456789ab (default/web)  "))
        eni.sandbox?.containerId = "default-detached-1"
        #expect(ENICommand.List.table([eni]).lines()[1].contains("default-detached-1 (default/web)  "))
    }

    @Test("What no task has is told, with the command that removes it")
    func leftovers() {
        var leftovers = Leftovers()
        leftovers.links = [
            .init(name: "tn-0123456789ab", alias: "tasknet \(gone) eni-1", index: 5),
            .init(name: "tn-x", alias: nil, index: 6), .init(name: "tn-y", alias: "tasknet released", index: 7),
        ]
        leftovers.routes = [
            .init(text: "10.64.1.5/32", linkName: "tn-0123456789ab", isIPv6: false),
            .init(text: "unreachable fd01::/64", isIPv6: true, unreachableBlock: "fd01::/64"),
        ]
        leftovers.namespaces = [.init(name: gone, isBound: true), .init(name: SampleTasks.id("4d"), isBound: false)]
        leftovers.directories = [
            .init(name: gone, path: "/s/tasks/\(gone)"), .init(name: "x", path: "/r/tasks/x", pausePID: 7),
        ]
        let all = findings(leftovers)
        #expect(
            all.map(\.mend) == [
                "ip link delete tn-0123456789ab", "ip link delete tn-x", "ip link delete tn-y removes it at once",
                "ip route delete 10.64.1.5/32 dev tn-0123456789ab", "ip -6 route delete unreachable fd01::/64",
                "ip netns delete \(gone)", "rm /run/netns/\(SampleTasks.id("4d"))", "rm -r /s/tasks/\(gone)",
                "kill 7: it ends the task's containers and goes",
            ])
        #expect(all.map(\.verdict) == [.problem, .problem, .note] + Array(repeating: .problem, count: 6))
        #expect(!all.isHealthy)
        #expect(
            leftovers.unjudgedFindings.map(\.text) == [
                "3 links, 2 routes, 2 namespaces, 2 directories: whether tasks own them can be told when tasknetd answers"
            ])
        #expect(leftovers.unjudgedFindings.isHealthy)
    }

    @Test("Findings stand under their headings, mends below them")
    func lines() {
        let findings = [
            Finding("kernel", .ok, "fine"), Finding("kernel", .problem, "bad", mend: "do"),
            Finding("daemon", .note, "x"),
        ]
        #expect(
            findings.lines(styled: false) == [
                "kernel", "  ok       fine", "  problem  bad", "           -> do", "daemon", "  note     x",
            ])
        #expect(
            findings.json.compactText
                == #"{"healthy":false,"findings":[{"area":"kernel","verdict":"ok","text":"fine"},"#
                + #"{"area":"kernel","verdict":"problem","text":"bad","mend":"do"},"#
                + #"{"area":"daemon","verdict":"note","text":"x"}]}"#)
    }

    @Test("Module lists")
    func modules() {
        let list = """
            kernel/net/8021q/8021q.ko: kernel/net/802/garp.ko
            kernel/net/netfilter/nf_tables.ko.xz: kernel/lib/crc.ko.xz
            kernel/drivers/net/ipvlan/ipvlan.ko.zst:
            kernel/fs/nls/nls_cp437-x.ko
            broken
            """
        #expect(KernelModules.names(in: list) == ["8021q", "nf_tables", "ipvlan", "nls_cp437_x"])
    }

    @Test("Kinds of links: only veth is a must")
    func links() {
        let verdicts = KernelChecks.linkFeatures.map { KernelChecks.finding($0, refusal: "no").verdict }
        #expect(verdicts == [.problem, .note, .note, .note, .note])
        #expect(KernelChecks.linkFeatures.allSatisfy { KernelChecks.finding($0, refusal: nil).verdict == .ok })
    }

    @Test(
        "Loose reverse-path filtering is worth a note",
        arguments: [("0", "ok"), ("1", "ok"), ("2", "note"), (nil, "unknown")])
    func reversePathFilter(value: String?, verdict: String) {
        #expect(SysctlChecks.reversePathFilter(value).verdict.rawValue == verdict)
    }

    @Test("Default routes that routers announced are told from others")
    func routerAdvertisements() {
        let zero = String(repeating: "0", count: 32)
        let table = """
            \(zero) 00 \(zero) 00 fe800000000000000000000000000001 00000400 00000001 00000000 00450003     eth0
            \(zero) 00 \(zero) 00 fe800000000000000000000000000001 00000400 00000001 00000000 00000003     eth1
            \(zero) 60 \(zero) 00 fe800000000000000000000000000001 00000400 00000001 00000000 00450003     eth2
            \(zero) 00 \(zero) 00 \(zero) ffffffff 00000001 00000000 00200200       lo
            """
        #expect(SysctlChecks.learnedDefaultRouteInterfaces(table) == ["eth0"])
    }

    @Test("Subnets: none is a problem, few addresses are a note")
    func subnets() throws {
        let subnet = { (free: Int) in
            try JSONParser.parse(
                Array(#"{"s":{"subnetId":"s","name":"n","availableIpAddressCount":\#(free)}}"#.utf8))["s"]?
                .decoded(as: SubnetDescription.self)
        }
        #expect(DaemonChecks.subnetFindings([]).map(\.verdict) == [.problem])
        let described = try [0, 4, 5].compactMap { try subnet($0) }
        #expect(DaemonChecks.subnetFindings(described).map(\.verdict) == [.problem, .note])
    }
}
