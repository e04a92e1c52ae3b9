// SPDX-License-Identifier: Apache-2.0
import Linux
import TestSupport
import Testing

/// What can go wrong on the way, and what must be as it was before then.
@Suite(.requiresRoot)
struct AttachmentFailureTests {
    typealias Plugin = (name: String, configuration: String)

    /// The same for both plugins that move a device; `gateway` and `mac` stand for their keys.
    static func both(gateway: String = "10.0.0.1", addresses: String = #""10.0.4.128/20""#) -> [Plugin] {
        [
            (
                "ecs-eni",
                ECSENITests.configuration(
                    #""gateway-ip-addresses": ["\#(gateway)"], "ip-addresses": [\#(addresses)]"#)
            ),
            (
                "vpc-eni",
                VPCENITests.configuration(
                    #""gatewayIPAddresses": ["\#(gateway)"], "eniIPAddresses": [\#(addresses)]"#
                        + #", "blockInstanceMetadata": true"#)
            ),
        ]
    }

    private func expectRefusal(
        _ host: AttachmentHost, _ plugin: Plugin, _ texts: String..., leaves: [String] = [],
        location: SourceLocation = #_sourceLocation
    ) throws {
        let before = try host.state()
        let answer = try host.call(plugin.name, "ADD", plugin.configuration)
        #expect(answer.status == .exited(1), sourceLocation: location)
        for text in texts {
            #expect(answer.message.contains(text), "\(answer.message)", sourceLocation: location)
        }
        #expect(try host.state() == before, sourceLocation: location)
        #expect(try host.links(in: "task") == leaves, sourceLocation: location)
        let blackholes = try host.show("route show type blackhole table all", in: "task").elements
        #expect(blackholes.isEmpty, sourceLocation: location)
        #expect(host.log.contains("[ERROR] \(plugin.name) ADD"), sourceLocation: location)
    }

    @Test func anUnreachableGateway() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            for plugin in Self.both(gateway: "203.0.113.1") {
                let key = plugin.name == "ecs-eni" ? "gateway-ip-addresses" : "gatewayIPAddresses"
                try expectRefusal(host, plugin, "default route via 203.0.113.1 on eth0", "this is for \(key)")
            }
        }
    }

    @Test func anAddressThatTheKernelRefuses() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            for plugin in Self.both(addresses: #""10.0.4.128/20", "ff02::1/64""#) {
                let key = plugin.name == "ecs-eni" ? "ip-addresses" : "eniIPAddresses"
                try expectRefusal(host, plugin, "address ff02::1/64 on eth0", key)
            }
        }
    }

    /// What is refused beforehand costs the host nothing at all: routes over the NIC are there as before.
    @Test func whatCannotBeIsRefusedBeforeTheNICLeaves() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            try host.ip("route add 198.51.100.0/24 via 192.0.2.77 dev nic0")
            let before = try host.ip("route show").output
            try host.ip("link add taken type bridge", in: "task")
            func refusal(_ plugin: Plugin, interface: String = "eth0") throws -> String {
                let answer = try host.call(plugin.name, "ADD", plugin.configuration, interface: interface)
                #expect(answer.code == 100)
                #expect(try host.ip("route show").output == before, "\(answer.message)")
                return answer.message
            }
            for plugin in Self.both(gateway: "203.0.113.1") { #expect(try refusal(plugin).contains("unreachable")) }
            for plugin in Self.both(gateway: "10.0.4.128") { #expect(try refusal(plugin).contains("ENI's own")) }
            for address in ["ff02::1/64", "::1/64", "::/64", "0.0.0.0/8"] {
                for plugin in Self.both(addresses: #""10.0.4.128/20", "\#(address)""#) {
                    #expect(try refusal(plugin).contains("no interface can have this address"))
                }
            }
            for plugin in Self.both() {
                #expect(try refusal(plugin, interface: "taken").contains("a link taken already (bridge)"))
            }
            try run(
                ["sysctl", "-qw", "net.ipv6.conf.default.disable_ipv6=1"],
                in: NetworkNamespace(path: host.test.namespacePath("task")))
            for plugin in Self.both(addresses: #""10.0.4.128/20", "2001:db8::5/64""#) {
                #expect(try refusal(plugin).contains("IPv6 is disabled"))
            }
        }
    }

    @Test func aNameThatIsTaken() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            try host.ip("link add eth0 type bridge", in: "task")
            for plugin in Self.both() {
                try expectRefusal(host, plugin, "the namespace has a link eth0 already (bridge)", leaves: ["eth0"])
            }
            let answer = try host.call("ecs-eni", "ADD", ECSENITests.configuration(), interface: "a%d")
            #expect(answer.code == 4 && answer.message.contains("CNI_IFNAME"))
        }
    }

    @Test func twoWithOneMAC() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            try host.ip("link add twin0 address \(AttachmentHost.mac) type bridge")
            for plugin in Self.both() {
                let text = "2 devices have the MAC address \(AttachmentHost.mac): nic0, twin0"
                try expectRefusal(host, plugin, text, "this is for ")
            }
        }
    }

    @Test func oneThatIsPartOfABridge() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            try host.ip("link add lan type bridge")
            try host.ip("link set lan address 02:00:00:00:00:77")
            try host.ip("link set nic0 master lan")
            for plugin in Self.both() { try expectRefusal(host, plugin, "device nic0 is part of lan") }
        }
    }

    @Test func oneThatIsInTheNamespaceAlready() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            for plugin in Self.both() {
                #expect(try host.call(plugin.name, "ADD", plugin.configuration).succeeded)
                let again = try host.call(plugin.name, "ADD", plugin.configuration)
                #expect(again.message.contains("device with mac address not found"))
                #expect(again.message.contains("is in the namespace already, as eth0"))
                #expect(try host.defaultGateway() == "10.0.0.1")
                #expect(try host.call(plugin.name, "DEL", plugin.configuration).succeeded)
                #expect(try host.links() == ["nic0", "wire0"])
            }
        }
    }

    @Test(.requiresKernel("macvlan")) func anMTUThatTheDeviceCannotHave() throws {
        try AttachmentHost.with { host in
            try host.ip("link add lan type bridge")
            try host.ip("link add nic0 link lan address \(AttachmentHost.mac) type macvlan")
            let configuration = ECSENITests.configuration(#""mtu": 9001"#)
            try expectRefusal(host, ("ecs-eni", configuration), "device nic0 as eth0", "this is for mac")
        }
    }

    /// CHECK finds what somebody has changed.
    @Test(arguments: [
        ("addr del 10.0.4.128/20 dev eth0", "address 10.0.4.128/20"),
        ("route del default", "default route via 10.0.0.1"),
        ("link set eth0 mtu 1290", "MTU 1300"), ("link set eth0 down", "state up"),
        ("route del blackhole 169.254.169.254", "blackhole route 169.254.169.254/32"),
        ("link set eth0 address 02:00:00:00:00:01", "eth0"),
    ])
    func checkFinds(change: String, text: String) throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let added = try host.call("ecs-eni", "ADD", ECSENITests.configuration())
            let check = ECSENITests.configuration(#""prevResult": \#(added.output)"#)
            #expect(try host.call("ecs-eni", "CHECK", check).succeeded)
            try host.ip(change, in: "task")
            let answer = try host.call("ecs-eni", "CHECK", check)
            #expect(answer.code == 100 && answer.message.contains("eth0 is not as it was made"))
            #expect(answer.message.contains(text), "\(answer.message)")
        }
    }

    @Test func checkNeedsAResultOfItsOwn() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            try host.call("ecs-eni", "ADD", ECSENITests.configuration())
            for previous in [#"{"interfaces": [{"name": "eth7"}]}"#, #"{"interfaces": [{"name": "eth0"}]}"#] {
                let check = ECSENITests.configuration(#""prevResult": \#(previous)"#)
                let answer = try host.call("ecs-eni", "CHECK", check)
                #expect(answer.code == 7 && answer.message.contains("prevResult has no interface eth0"))
            }
        }
    }
}
