// SPDX-License-Identifier: Apache-2.0
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot)
struct ECSENITests {
    /// A configuration with all there is; `changes` are members that are written after, and so count.
    static func configuration(_ changes: String = "", version: String = "1.1.0") -> String {
        """
        {"cniVersion": "\(version)", "name": "ecs", "type": "ecs-eni", "eni": "eni-1",
         "mac": "\(AttachmentHost.mac)", "ip-addresses": ["10.0.4.128/20", "2001:db8::5/64"],
         "gateway-ip-addresses": ["10.0.0.1", "fe80::1"], "block-instance-metadata": true, "mtu": 1300
         \(changes.isEmpty ? "" : ", " + changes)}
        """
    }

    @Test func movesTheDeviceInAndGivesItBack() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let before = try host.state()
            let answer = try host.call("ecs-eni", "ADD", Self.configuration())
            let result = answer.document
            #expect(answer.succeeded, "\(answer.output)")
            let interface = result["interfaces"][0]
            #expect(interface["name"].text == "eth0" && interface["mac"].text == AttachmentHost.mac)
            #expect(interface["mtu"].integer == 1300)
            #expect(interface["sandbox"].text == host.test.namespacePath("task").string)
            #expect(result["ips"].elements.compactMap { $0["address"].text } == ["10.0.4.128/20", "2001:db8::5/64"])
            #expect(result["ips"].elements.compactMap { $0["gateway"].text } == ["10.0.0.1", "fe80::1"])
            #expect(result["ips"].elements.allSatisfy { $0["interface"].integer == 0 })
            #expect(result["routes"].elements.compactMap { $0["dst"].text } == ["0.0.0.0/0", "::/0"])

            #expect(try host.links() == ["wire0"])
            let link = try host.show("addr show eth0", in: "task")[0]
            #expect(link["address"].text == AttachmentHost.mac && link["mtu"].integer == 1300)
            #expect(link["flags"].texts.contains("UP"))
            let addresses = link["addr_info"].elements.filter { $0["scope"].text == "global" }
            #expect(addresses.compactMap { $0["local"].text } == ["10.0.4.128", "2001:db8::5"])
            #expect(addresses.compactMap { $0["prefixlen"].integer } == [20, 64])
            #expect(try host.defaultGateway() == "10.0.0.1")
            #expect(try host.defaultGateway("-6") == "fe80::1")
            #expect(try host.show("route show type blackhole", in: "task")[0]["dst"].text == "169.254.169.254")
            #expect(try host.show("-6 route show type blackhole", in: "task")[0]["dst"].text == "fd00:ec2::254")

            let check = Self.configuration(#""prevResult": \#(answer.output)"#)
            #expect(try host.call("ecs-eni", "CHECK", check).output == "")
            for _ in 1...2 {
                let del = try host.call("ecs-eni", "DEL", Self.configuration())
                #expect(del.succeeded && del.output.isEmpty)
                #expect(try host.links() == ["nic0", "wire0"])
                #expect(try host.links(in: "task").isEmpty)
                // All but the host's own addresses, which nobody has kept.
                #expect(try host.state() == Array(before.prefix(5)))
            }
            #expect(!(try host.call("ecs-eni", "CHECK", check).succeeded))
        }
    }

    @Test(arguments: ["0.1.0", "0.2.0", "0.3.0", "0.3.1", "0.4.0", "1.0.0", "1.1.0"])
    func everyVersion(_ version: String) throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let answer = try host.call("ecs-eni", "ADD", Self.configuration(version: version))
            #expect(answer.succeeded, "\(answer.output)")
            #expect(answer.document["cniVersion"].text == version)
            if version < "0.3.0" {
                #expect(answer.document["ip4"]["ip"].text == "10.0.4.128/20")
                #expect(answer.document["ip6"]["gateway"].text == "fe80::1")
            } else {
                #expect(answer.document["interfaces"][0]["name"].text == "eth0")
                #expect(answer.document["ips"][0]["version"].text == (version < "1.0.0" ? "4" : nil))
            }
            let previous = Self.configuration(#""prevResult": \#(answer.output)"#, version: version)
            let check = try host.call("ecs-eni", "CHECK", previous)
            #expect(version < "0.4.0" ? check.code == 1 : check.succeeded, "\(check.output)")
            #expect(try host.call("ecs-eni", "DEL", previous).succeeded)
            #expect(try host.links() == ["nic0", "wire0"])
            let newest = try host.call("ecs-eni", "STATUS", Self.configuration(version: version))
            #expect(version == "1.1.0" ? newest.succeeded : newest.code == 1)
            let gc = Self.configuration(#""cni.dev/valid-attachments": []"#, version: version)
            #expect(try host.call("ecs-eni", "GC", gc).succeeded == (version == "1.1.0"))
        }
    }

    @Test func oneThatStaysDownIsOnlyMoved() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let stayDown = #""stay-down": true, "mtu": 0, "block-instance-metadata": false"#
            let answer = try host.call("ecs-eni", "ADD", Self.configuration(stayDown))
            #expect(answer.document["ips"].elements.count == 2)
            #expect(answer.document["routes"].isNull)
            let link = try host.show("addr show eth0", in: "task")[0]
            #expect(!link["flags"].texts.contains("UP"))
            #expect(link["mtu"].integer == 1452 && link["addr_info"].elements.isEmpty)
            let check = Self.configuration(stayDown + #", "prevResult": \#(answer.output)"#)
            #expect(try host.call("ecs-eni", "CHECK", check).succeeded)
            // Its user brings it up.
            try host.ip("link set eth0 up", in: "task")
            #expect(try host.call("ecs-eni", "CHECK", check).succeeded)
            try host.call("ecs-eni", "DEL", Self.configuration(stayDown))
            #expect(try host.links() == ["nic0", "wire0"])
        }
    }

    @Test(arguments: [
        (#""eni": """#, "missing required parameter in config: 'eni'"),
        (#""mac": null"#, "missing required parameter in config: 'mac'"),
        (#""ip-addresses": []"#, "missing required parameter in config: 'ip-addresses'"),
        (#""mac": "zz""#, "malformatted mac address specified: zz: mac: "),
        (#""mac": 7"#, "mac in network config is a number"),
        (#""ip-addresses": ["10.0.4.128"]"#, "malformed IP address specified: 10.0.4.128: ip-addresses[0]: "),
        (#""ip-addresses": "10.0.4.128/20""#, "ip-addresses in network config is a string"),
        (#""gateway-ip-addresses": ["10.0.0.1/20"]"#, "gateway-ip-addresses[0]"),
        (#""mtu": "big""#, "mtu in network config is a string"), (#""mtu": 70000"#, "invalid mtu"),
        (#""mtu": -1"#, "invalid mtu"), (#""stay-down": "yes""#, "stay-down in network config is a string"),
        (#""block-instance-metadata": 1"#, "block-instance-metadata in network config is a number"),
        (#""mac": "02:00:00:00:00:99""#, "device with mac address not found: 02:00:00:00:00:99"),
    ])
    func aBadConfigurationChangesNothing(changes: String, text: String) throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let before = try host.state()
            let answer = try host.call("ecs-eni", "ADD", Self.configuration(changes))
            #expect(answer.status == .exited(1))
            #expect(answer.message.contains(text), "\(answer.message)")
            #expect(try host.state() == before)
            #expect(try host.taskIsEmpty())
            #expect(try host.call("ecs-eni", "DEL", Self.configuration(changes)).succeeded)
        }
    }

    /// Keys that the original does not know do not matter, and neither does the case of those that it knows.
    @Test func keysAreReadAsTheOriginalReadsThem() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let odd = #""unknown": {"a": [1]}, "MTU": 1299, "Mac": "0211.2233.4455""#
            let answer = try host.call("ecs-eni", "ADD", Self.configuration(odd), environment: ["CNI_ARGS": "X=1"])
            #expect(answer.document["interfaces"][0]["mtu"].integer == 1299, "\(answer.output)")
        }
    }

    @Test func onlyANamespaceOfAnotherIsEntered() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let before = try host.state()
            let file = host.test.directory.appending("file")
            try run(["touch", file.string])
            let link = host.test.directory.appending("link")
            try run(["ln", "-s", file.string, link.string])
            let own = host.test.namespacePath("host").string
            let none = ["/nowhere/at/all", "/proc/1/ns/mnt", "/proc/1", "/a/../b", "none"]
            for path in [file.string, link.string, own] + none {
                let answer = try host.call("ecs-eni", "ADD", Self.configuration(), namespace: path)
                #expect(answer.code == 4 && answer.message.contains("invalid CNI_NETNS"), "\(path): \(answer.message)")
                #expect(try host.state() == before)
                // For DEL it is a container that is gone.
                let del = try host.call("vpc-eni", "DEL", VPCENITests.configuration(), namespace: path)
                #expect(del.succeeded, "\(path): \(del)")
                #expect(try host.state() == before)
            }
            let good = host.test.directory.appending("good")
            try run(["ln", "-s", host.test.namespacePath("task").string, good.string])
            #expect(try host.call("ecs-eni", "ADD", Self.configuration(), namespace: good.string).succeeded)
        }
    }

    /// What the ECS agent does when it has lost a task.
    @Test func aDELWithoutAnythingSucceeds() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let before = try host.state()
            for (namespace, container) in [("/proc/999999/ns/net", ""), ("", ""), ("/run/netns/gone", "c1")] {
                let answer = try host.call(
                    "ecs-eni", "DEL", Self.configuration(), namespace: namespace, container: container,
                    environment: ["CNI_PATH": ""])
                #expect(answer.succeeded && answer.output.isEmpty, "\(answer.output)")
            }
            #expect(try host.call("ecs-eni", "DEL", "{}").succeeded)
            #expect(try host.state() == before)
            for configuration in [
                #"{"name":7}"#, #"{"name":"bad name"}"#, #"{"prevResult":7}"#, #"{"mac":7}"#,
                #"{"prevResult":{"ips":7}}"#,
            ] {
                #expect(try host.call("ecs-eni", "DEL", configuration).succeeded, "\(configuration)")
            }
            let good = Self.configuration()
            #expect(try host.call("ecs-eni", "DEL", good, interface: "averyveryverylongname").succeeded)
            #expect(try host.call("ecs-eni", "DEL", "{").code == 6)
            #expect(try host.state() == before)
        }
    }

    /// What else is wrong is no reason to keep the NIC.
    @Test func aDELGivesTheNICBackWhateverElseItIsCalledWith() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            for (more, container, environment) in [
                (#""name": "bad name""#, "c1", [:]), (#""prevResult": 7"#, "c1", [:]), ("", "-bad", [:]),
                ("", "c1", ["CNI_ARGS": "garbage"]),
            ] as [(String, String, [String: String])] {
                let added = try host.call("ecs-eni", "ADD", Self.configuration(), environment: environment)
                try #require(added.succeeded, "\(added)")
                let answer = try host.call(
                    "ecs-eni", "DEL", Self.configuration(more), container: container, environment: environment)
                #expect(answer.succeeded, "\(answer)")
                #expect(try host.links() == ["nic0", "wire0"], "\(more) \(container)")
            }
            let arguments = ["CNI_ARGS": "garbage"]
            let branch = try host.call(
                "vpc-branch-eni", "DEL", VPCBranchENITests.configuration(), environment: arguments)
            #expect(branch.code == 4 && branch.message.contains("CNI_ARGS"), "\(branch)")
        }
    }

    @Test func optionsAndVERSION() throws {
        try AttachmentHost.with { host in
            for option in ["--version", "-version"] {
                let version = try host.option(option, of: "ecs-eni")
                #expect(version["version"].text?.isEmpty == false && version["dirty"].flag == false)
                #expect(version["gitShortHash"].text != nil && version["built"].isNull)
            }
            #expect(try host.option("--capabilities --version", of: "ecs-eni")["version"].text?.isEmpty == false)
            let version = try host.option("--version", of: "vpc-eni")
            #expect(version["built"].text != nil && version["dirty"].isNull)
            for plugin in ["ecs-eni", "vpc-eni", "vpc-branch-eni"] {
                let capabilities = try host.option("--capabilities", of: plugin)["capabilities"]
                #expect(capabilities.texts == ["awsvpc-network-mode"])
                let versions = try host.call(plugin, "VERSION", #"{"cniVersion": "1.0.0"}"#).document
                #expect(versions["supportedVersions"].texts.first == "0.1.0")
                #expect(versions["supportedVersions"].texts.last == "1.1.0")
            }
        }
    }
}
