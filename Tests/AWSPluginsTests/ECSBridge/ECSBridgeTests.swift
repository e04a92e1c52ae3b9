// SPDX-License-Identifier: Apache-2.0
import CNI
import Linux
import Synchronization
import TestSupport
import Testing

@testable import AWSPlugins

@Suite(.requiresRoot) struct ECSBridgeTests {
    /// As the original leaves it.
    @Test func whatIsMade() throws {
        try BridgeHost.with { host in
            let result = try host.add()
            let bridge = try host.ip("addr show dev ecs-bridge")[0]
            #expect(bridge["linkinfo"]["info_kind"].text == "bridge" && bridge["operstate"].text == "UP")
            #expect(bridge["mtu"].integer == 1500)
            let addresses = bridge["addr_info"].elements.filter { $0["family"].text == "inet" }
            #expect(addresses.map { $0["local"].text } == ["169.254.172.1"])
            #expect(addresses.first?["prefixlen"].integer == 22 && addresses.first?["broadcast"].isNull == true)
            // 3 is NET_ADDR_SET: it stays whatever ports come.
            let assignment = try run(["cat", "/sys/class/net/ecs-bridge/addr_assign_type"], inSysOf: host)
            #expect(assignment == "3\n")

            let outer = try host.ip("link show type veth")[0]
            let name = try #require(outer["ifname"].text)
            #expect(name.count == 12 && name.hasPrefix("veth") && outer["master"].text == "ecs-bridge")
            #expect(outer["operstate"].text == "UP" && outer["ifalias"].text == "ecs-bridge net c1 ecs-eth0")
            #expect(outer["linkinfo"]["info_slave_data"]["state"].text == "forwarding")

            let inner = try host.ip("addr show dev ecs-eth0", in: host.task)[0]
            #expect(inner["address"].text == "0a:58:a9:fe:ac:02" && inner["operstate"].text == "UP")
            let own = inner["addr_info"].first(where: "family", is: "inet")
            #expect(own["local"].text == "169.254.172.2" && own["prefixlen"].integer == 22)
            #expect(own["broadcast"].isNull)
            let routes = try host.ip("route", in: host.task).elements
            #expect(routes.map { $0["dst"].text } == ["169.254.170.2", "169.254.172.1"])
            #expect(routes.allSatisfy { $0["gateway"].text == "169.254.172.1" && $0["protocol"].text == "boot" })
            // Not even the link-local one.
            #expect(try host.ip("-6 route", in: host.task).elements.isEmpty)

            let interfaces = result["interfaces"]
            #expect(interfaces.elements.map { $0["name"].text } == ["ecs-bridge", name, "ecs-eth0"])
            #expect(interfaces.elements.map { $0["mac"].text } == [bridge, outer, inner].map { $0["address"].text })
            #expect(interfaces.elements.map { $0["sandbox"].text } == [nil, nil, host.path()])
            #expect(result["ips"][0]["interface"].integer == 2)
            #expect(result["ips"][0]["address"].text == "169.254.172.2/22")
            #expect(result["routes"].elements.map { $0["dst"].text } == ["169.254.170.2/32", "169.254.172.1/32"])
            #expect(result["routes"].elements.map { $0["gw"].text } == [nil, "169.254.172.1"])
        }
    }

    private func run(_ command: [String], inSysOf host: BridgeHost) throws -> String {
        let words = ["unshare", "--mount", "sh", "-c", "mount -t sysfs sysfs /sys && exec \"$@\"", "sh"] + command
        return try TestSupport.run(words, in: host.host).output
    }

    @Test func bothFamilies() throws {
        try BridgeHost.with { host in
            let result = try host.add(#"{"type":"ecs-ipam","id":"a",\#(BridgeHost.four),\#(BridgeHost.six)}"#)
            let bridge = try host.ip("-6 addr show dev ecs-bridge scope global")[0]["addr_info"]
            #expect(bridge[0]["local"].text == "2001:db8::1" && bridge[0]["tentative"].isNull)
            let inner = try host.ip("-6 addr show dev ecs-eth0 scope global", in: host.task)[0]["addr_info"]
            #expect(inner[0]["local"].text == "2001:db8::2" && inner[0]["tentative"].isNull)
            let routes = try host.ip("-6 route", in: host.task).elements
            #expect(Set(routes.compactMap { $0["dst"].text }) == ["2001:db8::1", "default"])
            #expect(routes.allSatisfy { $0["gateway"].text == "2001:db8::1" && $0["metric"].integer == 1024 })
            #expect(result["ips"].elements.count == 2)
            #expect(result["ips"].elements.allSatisfy { $0["interface"].integer == 2 })
            for family in ["-4", "-6"] {
                let gateway = family == "-4" ? "169.254.172.1" : "2001:db8::1"
                try TestSupport.run(["ping", family, "-c", "1", "-W", "2", gateway], in: host.task)
            }
        }
    }

    @Test func onlyIPv6() throws {
        try BridgeHost.with { host in
            try host.add(#"{"type":"ecs-ipam","id":"a",\#(BridgeHost.six)}"#)
            #expect(try host.ip("-4 route", in: host.task).elements.isEmpty)
            #expect(try host.ip("-6 route", in: host.task).elements.count == 2)
            let mac = try host.ip("link show dev ecs-eth0", in: host.task)[0]["address"].text
            #expect(mac?.hasPrefix("0a:") == true)
        }
    }

    @Test func eachVersion() throws {
        try BridgeHost.with { host in
            for version in CNIVersion.all {
                let answer = try host.call("ADD", version: "\(version)", more: #","mtu":1400"#)
                try #require(answer.succeeded, "\(answer)")
                let result = answer.document
                #expect(result["cniVersion"].text == "\(version)")
                if version < .withInterfaces {
                    #expect(result["ip4"]["gateway"].text == "169.254.172.1")
                } else {
                    #expect(result["interfaces"].elements.count == 3)
                    let mtu = version < .withGarbageCollection ? nil : 1400
                    #expect(result["interfaces"][2]["mtu"].integer == mtu)
                }
                if version >= .withCheck {
                    let previous = #","mtu":1400,"prevResult":\#(answer.output)"#
                    let check = try host.call("CHECK", version: "\(version)", more: previous)
                    #expect(check.succeeded && check.output.isEmpty, "\(check)")
                }
                for _ in 1...2 {
                    let del = try host.call("DEL", version: "\(version)")
                    #expect(del.succeeded && del.output.isEmpty, "\(del)")
                }
                // The bridge is everybody's.
                try host.expectNothingLeft(["ecs-bridge"])
            }
        }
    }

    @Test func aBridgeThatIsThereIsKept() throws {
        try BridgeHost.with { host in
            try host.run("ip link add ecs-bridge address 02:00:00:00:00:07 type bridge")
            // Said later, it is more than a beginning.
            try host.run("ip link set ecs-bridge mtu 1300")
            let result = try host.add()
            let bridge = try host.ip("link show dev ecs-bridge")[0]
            #expect(bridge["address"].text == "02:00:00:00:00:07" && bridge["mtu"].integer == 1300)
            #expect(bridge["operstate"].text == "UP")
            #expect(result["interfaces"][0]["mac"].text == "02:00:00:00:00:07")
        }
    }

    /// It forwards half a minute after a port has come, and nobody waits for it.
    @Test func aBridgeThatRunsTheSpanningTreeProtocol() throws {
        try BridgeHost.with { host in
            try host.run("ip link add ecs-bridge type bridge stp_state 1")
            let answer = try host.call("ADD")
            try #require(answer.succeeded, "\(answer)")
            let outer = try host.ip("link show master ecs-bridge")[0]
            #expect(outer["linkinfo"]["info_slave_data"]["state"].text == "listening")
            #expect(try host.call("CHECK", more: #","prevResult":\#(answer.output)"#).succeeded)
            #expect(try host.call("DEL").succeeded)
            try host.expectNothingLeft(["ecs-bridge"])
        }
    }

    /// The task has a network of its own already, as with the agent: its routes stay.
    @Test func otherRoutesStay() throws {
        try BridgeHost.with { host in
            try host.run("ip link add eth0 type veth peer name eth0-peer netns \(host.path())")
            try host.run("ip link set eth0-peer up", in: host.task)
            try host.run("ip link set eth0 up")
            try host.run("ip addr add 10.0.0.5/24 dev eth0-peer", in: host.task)
            try host.run("ip route add default via 10.0.0.1", in: host.task)
            let ipam = #"""
                {"type":"ecs-ipam","id":"a","ipv4-subnet":"169.254.172.0/22",
                "ipv4-routes":[{"dst":"0.0.0.0/0"},{"dst":"10.5.0.0/16"},{"dst":"10.5.0.0/16"}]}
                """#
            let result = try host.add(ipam)
            #expect(result["routes"].elements.map { $0["dst"].text } == ["10.5.0.0/16", "169.254.172.1/32"])
            let routes = try host.ip("route", in: host.task)
            #expect(routes.first(where: "dst", is: "default")["gateway"].text == "10.0.0.1")
            #expect(routes.elements.compactMap { $0["dst"].text }.contains("10.0.0.0/24"))
        }
    }

    @Test func check() throws {
        let faults = [
            "ip route del 169.254.170.2": "route 169.254.170.2/32", "ip addr flush dev ecs-eth0": "169.254.172.2/22",
            "ip link set ecs-eth0 address 0a:58:00:00:00:01": "MAC address", "ip link set ecs-eth0 mtu 1000": "MTU",
            "ip link set ecs-eth0 down": "ecs-eth0", "ip link del ecs-eth0": "veth pair",
            "ip route add 169.254.172.0/22 dev ecs-eth0": "no connected routes",
            "host ip link set VETH nomaster": "on bridge", "host ip addr flush dev ecs-bridge": "169.254.172.1/22",
            "host ip link del ecs-bridge": "bridge", "host ip link set VETH down": "host end",
        ]
        for (fault, text) in faults {
            try BridgeHost.with { host in
                let answer = try host.call("ADD")
                let veth = try #require(answer.document["interfaces"][1]["name"].text)
                let previous = #","prevResult":\#(answer.output)"#
                #expect(try host.call("CHECK", more: previous).succeeded)
                let isHost = fault.hasPrefix("host ")
                let command = fault.replacing("host ", with: "", maxReplacements: 1).replacing("VETH", with: veth)
                try host.run(command, in: isHost ? host.host : host.task)
                let check = try host.call("CHECK", more: previous)
                #expect(check.code == 100 && check.message.contains(text), "\(fault): \(check)")
            }
        }
        try BridgeHost.with { host in
            let answer = try host.call("ADD")
            try host.ipam.del(#""id":"0a:1b:2c:3d:4e:5f""#)
            let check = try host.call("CHECK", more: #","prevResult":\#(answer.output)"#)
            #expect(check.message.contains("no ip address associated with the given id"), "\(check)")
            let other = #","prevResult":{"cniVersion":"1.0.0","interfaces":[{"name":"x"}]}"#
            #expect(try host.call("CHECK", more: other).code == 7)
        }
    }

    /// The calls that the ECS agent makes for a task, from its start until long after its end.
    @Test func asTheAgentCalls() throws {
        try BridgeHost.with { host in
            for _ in 1...2 {
                #expect(try host.call("ADD", version: "0.3.0", more: #","mtu":0"#).succeeded)
                try TestSupport.run(["ip", "link", "del", "ecs-eth0"], in: host.task)
                // The namespace is gone by the time that it comes to clean up.
                let gone = try host.call("DEL", version: "0.3.0", namespace: "/proc/4194305/ns/net")
                #expect(gone.succeeded, "\(gone)")
                #expect(try host.leases() == [])
                let last = try host.ipam.call("DEL", #""id":"0a:1b:2c:3d:4e:5f""#, version: "0.3.0", container: "")
                #expect(last.succeeded, "\(last)")
            }
        }
    }

    @Test func manyAtOnceOnANewBridge() throws {
        try BridgeHost.with { host in
            let names = try (0..<16).map { number in
                _ = try host.ipam.test.makeNamespace("t\(number)")
                return "t\(number)"
            }
            func each(_ command: String) throws {
                try inThreads(8) { thread in
                    for name in [names[thread], names[thread + 8]] {
                        let ipam = #"{"type":"ecs-ipam","id":"\#(name)",\#(BridgeHost.four)}"#
                        let answer = try host.call(
                            command, ipam: ipam, namespace: host.path(name), container: name)
                        try #require(answer.succeeded, "\(answer)")
                    }
                }
            }
            try each("ADD")
            #expect(try host.ip("link show master ecs-bridge").elements.count == 16)
            #expect(Set(try host.leases()).count == 16)
            try each("DEL")
            try host.expectNothingLeft(["ecs-bridge"])
        }
    }

    /// One of them wins, and has all of it.
    @Test func twoAtOnceForOneInterface() throws {
        try BridgeHost.with { host in
            let ipam = #"{"type":"ecs-ipam",\#(BridgeHost.four)}"#
            for _ in 1...10 {
                let answers = Mutex<[PluginRuntime.Answer]>([])
                try inThreads(2) { _ in
                    let answer = try host.call("ADD", ipam: ipam)
                    answers.withLock { $0.append(answer) }
                }
                let winners = answers.withLock { $0 }.filter(\.succeeded)
                try #require(winners.count == 1, "\(answers.withLock { $0 })")
                let result = winners[0].document
                let outer = try host.ip("link show type veth").elements.map { $0["ifname"].text }
                #expect(outer == [result["interfaces"][1]["name"].text])
                let inner = try host.ip("-4 addr show dev ecs-eth0", in: host.task)[0]["addr_info"].elements
                #expect(inner.map { "\($0["local"].text ?? "")/22" } == [result["ips"][0]["address"].text])
                #expect(try host.leases() == inner.map { $0["local"].text })
                #expect(try host.call("DEL", ipam: ipam).succeeded)
            }
        }
    }
}
