// SPDX-License-Identifier: Apache-2.0
import Foundation
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import AWSPlugins

/// What goes wrong: each says what, and leaves nothing.
@Suite(.requiresRoot) struct BridgeFailureTests {
    @Test func aLinkOfTheBridgesNameThatIsNone() throws {
        try BridgeHost.with { host in
            try host.run("ip link add ecs-bridge type veth peer name other")
            let answer = try host.call("ADD")
            #expect(
                answer.message.contains("interface named ecs-bridge already exists, but is not a bridge"), "\(answer)")
            #expect(Set(try host.links()) == ["lo", "ecs-bridge", "other"])
            #expect(try host.links(host.task) == ["lo"])
            #expect(try host.leases() == [])
        }
    }

    @Test func aBridgeInAnotherSubnet() throws {
        try BridgeHost.with { host in
            try host.run("ip link add ecs-bridge type bridge")
            try host.run("ip addr add 10.1.1.1/24 dev ecs-bridge")
            let answer = try host.call("ADD")
            #expect(answer.message.contains("mismatch in bridge ecs-bridge address"), "\(answer)")
            try host.expectNothingLeft(["ecs-bridge"])
        }
    }

    /// Not even the family that would have fitted.
    @Test func aBridgeInAnotherSubnetOfOneFamily() throws {
        try BridgeHost.with { host in
            try host.run("ip link add ecs-bridge type bridge")
            try host.run("ip addr add 2001:db8:9::1/64 dev ecs-bridge nodad")
            let answer = try host.call(
                "ADD", ipam: #"{"type":"ecs-ipam","id":"a",\#(BridgeHost.four),\#(BridgeHost.six)}"#)
            #expect(answer.message.contains("mismatch in bridge ecs-bridge address"), "\(answer)")
            try host.expectNothingLeft(["ecs-bridge"])
            let bridge = try host.ip("addr show dev ecs-bridge")[0]
            #expect(!bridge["flags"].texts.contains("UP"))
            #expect(bridge["addr_info"].elements.map { $0["local"].text } == ["2001:db8:9::1"])
        }
    }

    @Test func anInterfaceThatIsThere() throws {
        try BridgeHost.with { host in
            try host.add()
            let other = #"{"type":"ecs-ipam","id":"b",\#(BridgeHost.four)}"#
            let answer = try host.call("ADD", ipam: other)
            #expect(answer.code == 4 && answer.message.contains("CNI_IFNAME"), "\(answer)")
            #expect(try host.leases().count == 1)
            #expect(try host.links().count == 3)
            // And the same once more is no reason to take the first one's address away.
            #expect(!(try host.call("ADD").succeeded))
            #expect(try host.leases().count == 1)
        }
    }

    /// Steps that the kernel refuses, from the first to the last.
    @Test(arguments: [
        // A gateway that is not in the address's subnet.
        #"{"type":"fake","answer":{"ips":[{"version":"4","address":"255.255.255.255/24","gateway":"10.1.0.1"}]}}"#,
        // A route's gateway that is nowhere.
        #"{"type":"ecs-ipam","id":"a","ipv4-subnet":"10.1.0.0/24","ipv4-routes":[{"dst":"10.2.0.0/16","gw":"10.3.0.1"}]}"#,
        // A gateway that is none.
        #"{"type":"fake","answer":{"ips":[{"version":"4","address":"10.1.0.2/24","gateway":"255.255.255.255"}]}}"#,
    ])
    func refusedByTheKernel(ipam: String) throws {
        try BridgeHost.with { host in
            try host.script("fake", #"test $CNI_COMMAND = ADD && sed 's/.*"answer"://; s/}}$//'"#)
            let answer = try host.call("ADD", ipam: ipam)
            #expect(!answer.succeeded && answer.message.contains("set up"), "\(answer)")
            try host.expectNothingLeft()
        }
    }

    @Test func noIPv6InTheContainerOrOnTheHost() throws {
        for isHost in [false, true] {
            try BridgeHost.with { host in
                try Sysctl.ipv6(interface: "all", "disable_ipv6").write("1", in: isHost ? host.host : host.task)
                try Sysctl.ipv6(interface: "default", "disable_ipv6").write("1", in: isHost ? host.host : host.task)
                let answer = try host.call(
                    "ADD", ipam: #"{"type":"ecs-ipam","id":"a",\#(BridgeHost.four),\#(BridgeHost.six)}"#)
                #expect(!answer.succeeded && answer.message.contains("2001:db8::"), "\(answer)")
                try host.expectNothingLeft()
            }
        }
    }

    @Test func namespacesThatAreNone() throws {
        try BridgeHost.with { host in
            let file = host.directory.appending("file").string
            try Data().write(to: URL(filePath: file))
            for path in [
                file, "/run/netns/none", host.directory.string, "/proc/self/ns/mnt", "/proc/thread-self/ns/net",
            ] {
                let answer = try host.call("ADD", namespace: path)
                #expect(answer.code == 4 && answer.message.contains("CNI_NETNS"), "\(path): \(answer)")
                try host.expectNothingLeft()
                #expect(try host.call("DEL", namespace: path).succeeded)
            }
            let link = host.directory.appending("link").string
            try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: host.path())
            #expect(try host.call("ADD", namespace: link).succeeded)
            #expect(try host.call("DEL", namespace: link).succeeded)
            try host.expectNothingLeft(["ecs-bridge"])
        }
    }

    /// A namespace that nobody can name any more, but that lives on.
    @Test(arguments: ["", "/run/netns/none", "none"]) func namespaceThatLivesOn(path: String) throws {
        try BridgeHost.with { host in
            try host.add()
            #expect(try host.call("DEL", namespace: path, container: "other").succeeded)
            #expect(try host.links().count == 3)
            let answer = try host.call("DEL", namespace: path)
            #expect(answer.succeeded, "\(answer)")
            try host.expectNothingLeft(["ecs-bridge"])
        }
    }

    /// Longer than an alias can be. Two that differ in the end alone are two.
    @Test func containersOfLongNames() throws {
        try BridgeHost.with { host in
            let long = String(repeating: "c", count: 10_000)
            for name in ["a", "b"] {
                _ = try host.ipam.test.makeNamespace(name)
                let ipam = #"{"type":"ecs-ipam","id":"\#(name)",\#(BridgeHost.four)}"#
                let answer = try host.call("ADD", ipam: ipam, namespace: host.path(name), container: long + name)
                #expect(answer.succeeded, "\(answer)")
            }
            let ipam = #"{"type":"ecs-ipam","id":"a",\#(BridgeHost.four)}"#
            #expect(try host.call("DEL", ipam: ipam, namespace: "", container: long + "a").succeeded)
            let left = try host.ip("link show type veth").elements.map { $0["ifalias"].text ?? "" }
            #expect(left.count == 1 && left[0].hasPrefix("ecs-bridge net ccc") && left[0].hasSuffix(" ecs-eth0"))
            func garbage(_ valid: String) throws {
                let more = #","cni.dev/valid-attachments":[\#(valid)]"#
                #expect(try host.call("GC", version: "1.1.0", more: more).succeeded)
            }
            try garbage(#"{"containerID":"\#(long)b","ifname":"ecs-eth0"}"#)
            #expect(try host.links().count == 3)
            try garbage(#"{"containerID":"\#(long)a","ifname":"ecs-eth0"}"#)
            try host.expectNothingLeft(["ecs-bridge"])
        }
    }

    /// The process in the path has ended, and another container's has got its number.
    @Test func pathThatLeadsToAnotherContainer() throws {
        try BridgeHost.with { host in
            let other = try host.ipam.test.makeNamespace("other")
            try host.add()
            let ipam = #"{"type":"ecs-ipam","id":"b",\#(BridgeHost.four)}"#
            #expect(try host.call("ADD", ipam: ipam, namespace: host.path("other"), container: "c2").succeeded)
            let answer = try host.call("DEL", namespace: host.path("other"))
            #expect(answer.succeeded, "\(answer)")
            #expect(try host.links(other) == ["lo", "ecs-eth0"])
            #expect(try host.links(host.task) == ["lo"])
            #expect(try host.leases() == ["169.254.172.3"])
            // One that the original has made says nothing of whose it is.
            let veth = try #require(try host.ip("link show type veth")[0]["ifname"].text)
            try TestSupport.run(["ip", "link", "set", veth, "alias", ""], in: host.host)
            #expect(try host.call("DEL", ipam: ipam, namespace: host.path("other"), container: "c3").succeeded)
            try host.expectNothingLeft(["ecs-bridge"])
        }
    }

    @Test(arguments: [
        (#","bridge":"""#, "bridge parsing config: missing required parameter in config named: 'bridge'"),
        (#","bridge":7"#, "bridge in network config is a number"), (#","bridge":"a/b""#, "invalid bridge"),
        (#","bridge":"0123456789abcdef""#, "invalid bridge"), (#","mtu":"1500""#, "mtu in network config is a string"),
        (#","mtu":67"#, "invalid mtu"), (#","mtu":65536"#, "invalid mtu"), (#","mtu":-1"#, "invalid mtu"),
        (#","ipam":[]"#, "ipam in network config is a list"), (#","ipam":{"type":5}"#, "ipam.type in network config"),
        (#","ipam":{}"#, "missing ipam.type"), (#","ipam":{"type":"none"}"#, #"failed to find plugin "none""#),
        (#","ipam":{"type":"../ecs-ipam"}"#, #"failed to find plugin "../ecs-ipam""#),
    ])
    func badInput(more: String, text: String) throws {
        try BridgeHost.with { host in
            let answer = try host.call("ADD", ipam: more.contains("ipam") ? nil : BridgeHost.agent, more: more)
            #expect(answer.code == 7 && answer.message.contains(text), "\(answer)")
            try host.expectNothingLeft()
        }
    }
}
