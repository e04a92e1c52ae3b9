// SPDX-License-Identifier: Apache-2.0
import Linux
import TestSupport
import Testing

@Suite(.requiresRoot)
struct VPCENITests {
    static func configuration(_ changes: String = "", version: String = "1.1.0") -> String {
        """
        {"cniVersion": "\(version)", "name": "vpc", "type": "vpc-eni", "eniName": "", "opState": true,
         "eniMACAddress": "\(AttachmentHost.mac)", "eniIPAddresses": ["10.0.4.128/20", "2001:db8::5/64"],
         "gatewayIPAddresses": ["10.0.0.1"], "useExistingNetwork": false, "blockInstanceMetadata": false
         \(changes.isEmpty ? "" : ", " + changes)}
        """
    }

    static let byName = #""eniMACAddress": "", "eniName": "nic0""#

    @Test(arguments: ["", byName, #""eniName": "nic0""#])
    func isFoundByNameAndByMAC(_ changes: String) throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let before = try host.state()
            let answer = try host.call("vpc-eni", "ADD", Self.configuration(changes))
            #expect(answer.succeeded, "\(answer.output)")
            #expect(answer.document["interfaces"][0]["mac"].text == AttachmentHost.mac)
            #expect(answer.document["interfaces"][0]["mtu"].integer == 1452)
            #expect(answer.document["ips"].elements.map { $0["gateway"].text } == ["10.0.0.1", nil])
            #expect(try host.defaultGateway() == "10.0.0.1")
            #expect(try host.show("route show type blackhole", in: "task").elements.isEmpty)
            let previous = #""prevResult": \#(answer.output)"#
            let check = Self.configuration(changes.isEmpty ? previous : changes + ", " + previous)
            #expect(try host.call("vpc-eni", "CHECK", check).output == "")
            for _ in 1...2 {
                #expect(try host.call("vpc-eni", "DEL", Self.configuration(changes)).succeeded)
                #expect(try host.state() == Array(before.prefix(5)))
            }
        }
    }

    @Test func anAddressThatIsListedTwiceIsOne() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let twice = #""eniIPAddresses": ["10.0.4.128/20", "10.0.4.128/20"]"#
            let answer = try host.call("vpc-eni", "ADD", Self.configuration(twice))
            #expect(answer.document["ips"].elements.count == 1, "\(answer.output)")
        }
    }

    @Test func aContainerNeedsNoGateway() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let answer = try host.call("vpc-eni", "ADD", Self.configuration(#""gatewayIPAddresses": null"#))
            #expect(answer.succeeded, "\(answer.output)")
            #expect(answer.document["ips"][0]["gateway"].isNull)
            #expect(try host.defaultGateway() == nil)
        }
    }

    @Test(arguments: [
        (#""eniMACAddress": """#, "missing required parameter ENIName or ENIMACAddress"),
        (#""eniIPAddresses": []"#, "missing required parameter ENIIPAddresses"),
        (#""eniMACAddress": "zz""#, "invalid ENIMACAddress zz"),
        (#""eniIPAddresses": ["10.0.0.1"]"#, "invalid ENIIPAddress 10.0.0.1"),
        (#""gatewayIPAddresses": ["10.0.0.1/20"]"#, "invalid GatewayIPAddress 10.0.0.1/20"),
        (#""eniName": "a name""#, "invalid ENIName"), (#""eniName": "nic7""#, "no device has the name nic7"),
        (#""eniName": "wire0""#, "eniName and eniMACAddress name two different devices"),
        (#""opStateDown": 1"#, "opStateDown in network config is a number"),
        (#""useExistingNetwork": true"#, "useExistingNetwork"),
        (#""useExistingNetwork": true, "name": """#, "missing required parameter network name"),
    ])
    func aBadConfigurationChangesNothing(changes: String, text: String) throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let before = try host.state()
            let answer = try host.call("vpc-eni", "ADD", Self.configuration(changes))
            #expect(answer.status == .exited(1))
            #expect(answer.message.contains(text), "\(answer.message)")
            #expect(try host.state() == before)
            #expect(try host.taskIsEmpty())
        }
    }

    /// `lo` has this address, on the host and in every namespace.
    @Test func noMACAddressIsThatOfTheLoopback() throws {
        try AttachmentHost.with { host in
            let zero = Self.configuration(#""eniMACAddress": "00:00:00:00:00:00""#)
            let answer = try host.call("vpc-eni", "ADD", zero)
            #expect(answer.message.contains("device lo is a loopback device"), "\(answer.message)")
            #expect(!answer.message.contains("DEL comes first"))
        }
    }

    @Test func oneThatStaysDownComesBack() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            try host.call("vpc-eni", "ADD", Self.configuration(#""opStateDown": true"#))
            #expect(try host.links(in: "task") == ["eth0"])
            try host.call("vpc-eni", "DEL", Self.configuration(#""opStateDown": true"#))
            #expect(try host.links() == ["nic0", "wire0"])
        }
    }

    @Test func whatTheContainerDidToItIsUndone() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let before = try host.state()
            try host.call("vpc-eni", "ADD", Self.configuration())
            try host.ip("link set eth0 down", in: "task")
            try host.ip("link set eth0 name mine address 02:99:99:99:99:99 mtu 999", in: "task")
            #expect(try host.call("vpc-eni", "DEL", Self.configuration()).succeeded)
            #expect(try host.state() == Array(before.prefix(5)))
        }
    }

    /// MACs that end in the same bytes: what is done to one does nothing to the other.
    @Test func anotherOfTheSameEndingStays() throws {
        try AttachmentHost.with { host in
            let twin = "02:99:99:33:44:55"
            try host.makeNIC()
            try host.ip("link add nic1 address \(twin) type veth peer name wire1")
            let first = Self.configuration(#""gatewayIPAddresses": []"#)
            #expect(try host.call("vpc-eni", "ADD", first).succeeded)
            let second = #""eniMACAddress": "\#(twin)", "eniIPAddresses": ["10.99.4.128/20"]"#
            // The kernel alone knows that this is no gateway.
            let bad = Self.configuration(second + #", "gatewayIPAddresses": ["10.99.15.255"]"#)
            #expect(!(try host.call("vpc-eni", "ADD", bad, interface: "eth1").succeeded))
            #expect(try host.links(in: "task") == ["eth0"])
            let good = Self.configuration(second + #", "gatewayIPAddresses": []"#)
            #expect(try host.call("vpc-eni", "ADD", good, interface: "eth1").succeeded)
            #expect(try host.call("vpc-eni", "DEL", good, interface: "eth1").succeeded)
            #expect(try host.links(in: "task") == ["eth0"] && host.links() == ["nic1", "wire0", "wire1"])
            #expect(try host.show("link show nic1")[0]["address"].text == twin)
            #expect(try host.show("link show eth0", in: "task")[0]["address"].text == AttachmentHost.mac)
            #expect(try host.call("vpc-eni", "DEL", Self.configuration()).succeeded)
            #expect(try host.links() == ["nic0", "nic1", "wire0", "wire1"])
        }
    }

    /// As the original, or an older version, has left it: nobody knows what it was called.
    @Test func oneWithoutAMarkComesBackUnderANameOfItsOwn() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            try host.ip("link set nic0 netns \(host.test.namespacePath("task"))")
            try host.ip("link set nic0 name eth0", in: "task")
            #expect(try host.call("vpc-eni", "DEL", Self.configuration()).succeeded)
            #expect(try host.links() == ["ecs021122334455", "wire0"])
            #expect(try host.call("vpc-eni", "ADD", Self.configuration()).succeeded)
        }
    }

    /// The kernel gives a NIC back when its namespace ends, as it is.
    @Test func oneThatTheKernelGaveBackIsPutRight() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let before = try host.state()
            try host.call("vpc-eni", "ADD", Self.configuration())
            try host.ip("link set eth0 down", in: "task")
            try host.ip("link set eth0 name dev7 netns \(host.test.namespacePath("host"))", in: "task")
            try NetworkNamespace.remove(at: host.test.namespacePath("task"))
            #expect(try host.call("vpc-eni", "DEL", Self.configuration()).succeeded)
            #expect(try Array(host.state().dropFirst()) == Array(before[1..<5]))
        }
    }

    /// Root in a container can write a mark that looks like another device's.
    @Test func aForgedMarkLeadsToNoOtherDevice() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let before = try host.state()
            try host.ip("link add forged type bridge")
            try run(
                ["ip", "link", "set", "forged", "alias", "tasknet borrowed evil \(AttachmentHost.mac) 576 down 0"],
                in: host.test.namespace)
            #expect(try host.call("vpc-eni", "DEL", Self.configuration(), namespace: "/run/netns/gone").succeeded)
            #expect(try host.state() == before)
        }
    }

    @Test func aDefaultRouteThatIsThereStays() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            try host.ip("link add first up type bridge", in: "task")
            try host.ip("addr add 10.9.0.2/24 dev first", in: "task")
            try host.ip("route add default via 10.9.0.1", in: "task")
            let answer = try host.call("vpc-eni", "ADD", Self.configuration(), interface: "eth1")
            #expect(answer.succeeded, "\(answer.output)")
            #expect(answer.document["routes"].isNull)
            #expect(answer.document["ips"].elements.allSatisfy { $0["gateway"].isNull }, "\(answer.output)")
            #expect(try host.defaultGateway() == "10.9.0.1")
            #expect(host.log.contains("[WARN] eth1: the IPv4 gateway is left out"))
            let check = Self.configuration(#""prevResult": \#(answer.output)"#)
            #expect(try host.call("vpc-eni", "CHECK", check, interface: "eth1").succeeded)
        }
    }

    @Test func whatEarlierPluginsMadeIsInTheResult() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let addresses = #""ips": [{"address": "127.0.0.1/8", "interface": 0}]"#
            let previous = #""prevResult": {"interfaces": [{"name": "lo"}], \#(addresses)}"#
            let result = try host.call("vpc-eni", "ADD", Self.configuration(previous)).document
            #expect(result["interfaces"].elements.map { $0["name"].text } == ["lo", "eth0"])
            #expect(result["ips"].elements.map { $0["interface"].integer } == [0, 1, 1])
        }
    }
}
