// SPDX-License-Identifier: Apache-2.0
import Linux
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot)
struct VPCBranchENITests {
    static let branchMAC = "02:e1:48:75:86:a4"

    static func configuration(_ changes: String = "", type: String = "vlan", version: String = "1.1.0") -> String {
        """
        {"cniVersion": "\(version)", "name": "branch", "type": "vpc-branch-eni",
         "trunkMACAddress": "\(AttachmentHost.mac)", "branchVlanID": "101", "branchMACAddress": "\(branchMAC)",
         "ipAddresses": ["172.31.19.6/20", "2600:1f13:4d9:e602::62/64"],
         "gatewayIPAddresses": ["172.31.16.1", "2600:1f13:4d9:e602::1234"],
         "blockInstanceMetadata": true, "interfaceType": "\(type)", "uid": "4242", "gid": "4343"
         \(changes.isEmpty ? "" : ", " + changes)}
        """
    }

    @Test(.requiresKernel("vlan")) func aVLANIsMadeInTheNamespaceAndGoes() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            try host.ip("link set nic0 down")
            let answer = try host.call("vpc-branch-eni", "ADD", Self.configuration())
            #expect(answer.succeeded, "\(answer.output)")
            let interface = answer.document["interfaces"][0]
            #expect(interface["name"].text == "eth0" && interface["mac"].text == Self.branchMAC)
            #expect(interface["mtu"].integer == 1452)
            #expect(answer.document["ips"].elements.count == 2 && answer.document["routes"].elements.count == 2)
            #expect(try host.links() == ["nic0", "wire0"])
            #expect(try host.show("link show nic0")[0]["flags"].texts.contains("UP"))
            let link = try host.show("addr show eth0", in: "task")[0]
            #expect(link["linkinfo"]["info_data"]["id"].integer == 101 && link["address"].text == Self.branchMAC)
            #expect(try host.defaultGateway() == "172.31.16.1")
            #expect(try host.defaultGateway("-6") == "2600:1f13:4d9:e602::1234")
            let check = Self.configuration(#""prevResult": \#(answer.output)"#)
            #expect(try host.call("vpc-branch-eni", "CHECK", check).output == "")

            // Its own default routes are no reason to leave them out.
            let again = try host.call("vpc-branch-eni", "ADD", Self.configuration())
            #expect(again.output == answer.output)
            #expect(!host.log.contains("is left out"), "\(host.log)")

            // Another container cannot have the same branch, and is told why.
            _ = try host.test.makeNamespace("other")
            let other = try host.call(
                "vpc-branch-eni", "ADD", Self.configuration(), namespace: host.test.namespacePath("other").string)
            #expect(other.code == 100 && other.message.contains("branchVlanID"), "\(other.message)")
            #expect(try host.links(in: "other").isEmpty)

            for _ in 1...2 {
                #expect(try host.call("vpc-branch-eni", "DEL", Self.configuration()).succeeded)
                #expect(try host.links(in: "task").isEmpty)
            }
            #expect(!(try host.call("vpc-branch-eni", "CHECK", check).succeeded))
        }
    }

    @Test(.requiresKernel("vlan"), .requiresTAP) func aTAPForAVirtualMachine() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let configuration = Self.configuration(#""interfaceType": null"#)
            let answer = try host.call("vpc-branch-eni", "ADD", configuration)
            #expect(answer.succeeded, "\(answer.output)")
            #expect(answer.document["interfaces"][0]["mac"].text == Self.branchMAC)
            #expect(answer.document["interfaces"][0]["mtu"].integer == 9001 && answer.document["ips"].isNull)
            #expect(try host.links(in: "task") == ["eth0", "nic0.101", "tapbr101"])
            let tap = try host.show("link show eth0", in: "task")[0]
            #expect(tap["linkinfo"]["info_kind"].text == "tun" && tap["master"].text == "tapbr101")
            #expect(tap["flags"].texts.contains("UP"))
            let vlan = try host.show("link show nic0.101", in: "task")[0]
            #expect(vlan["master"].text == "tapbr101" && vlan["flags"].texts.contains("UP"))
            #expect(try host.show("link show tapbr101", in: "task")[0]["mtu"].integer == 1452)
            // The ENI's address is the machine's alone.
            for link in try host.show("link", in: "task").elements { #expect(link["address"].text != Self.branchMAC) }
            let check = Self.configuration(#""interfaceType": null, "prevResult": \#(answer.output)"#)
            #expect(try host.call("vpc-branch-eni", "CHECK", check).output == "")
            try host.ip("link set eth0 nomaster", in: "task")
            #expect(try host.call("vpc-branch-eni", "CHECK", check).message.contains("eth0 on bridge tapbr101"))
            // Also without the trunk.
            try host.ip("link set nic0 address 02:00:00:00:00:09")
            #expect(try host.call("vpc-branch-eni", "DEL", configuration).succeeded)
            #expect(try host.links(in: "task").isEmpty)
        }
    }

    /// What is there is a TAP of the ENI's user, or in the way.
    @Test(.requiresKernel("vlan"), .requiresTAP) func aTUNAndAnotherUsersTAPStayAsTheyAre() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let configuration = Self.configuration(type: "tap")
            let others = [
                ("tuntap add eth0 mode tun user 4242 group 4343", "a link eth0 already (tun)"),
                ("tuntap add eth0 mode tap user 1 group 4343", "a TAP eth0 already, of user 1 and group 4343"),
                ("tuntap add eth0 mode tap user 4242", "a TAP eth0 already, of user 4242 and group any"),
            ]
            for (other, text) in others {
                try host.ip(other, in: "task")
                let before = try host.show("link show eth0", in: "task")
                let refused = try host.call("vpc-branch-eni", "ADD", configuration)
                #expect(refused.code == 100 && refused.message.contains(text), "\(refused.message)")
                #expect(try host.call("vpc-branch-eni", "DEL", configuration).succeeded)
                #expect(try host.links(in: "task") == ["eth0"])
                let after = try host.show("link show eth0", in: "task")
                #expect(after[0]["mtu"].integer == before[0]["mtu"].integer && after[0]["flags"] == before[0]["flags"])
                try host.ip("link del eth0", in: "task")
            }
            let answer = try host.call("vpc-branch-eni", "ADD", configuration)
            #expect(answer.succeeded, "\(answer.output)")
            let check = Self.configuration(#""uid": "777", "prevResult": \#(answer.output)"#, type: "tap")
            let found = try host.call("vpc-branch-eni", "CHECK", check)
            #expect(found.message.contains("expected user 777 and group 4343"), "\(found.message)")
        }
    }

    @Test(.requiresKernel("vlan"), .requiresKernel("macvtap")) func aMacvtapHasTheBranchsMAC() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let configuration = Self.configuration(type: "macvtap")
            let answer = try host.call("vpc-branch-eni", "ADD", configuration)
            #expect(answer.succeeded, "\(answer.output)")
            let link = try host.show("link show eth0", in: "task")[0]
            #expect(link["linkinfo"]["info_kind"].text == "macvtap" && link["address"].text == Self.branchMAC)
            #expect(link["linkinfo"]["info_data"]["mode"].text == "passthru")
            let check = Self.configuration(#""prevResult": \#(answer.output)"#, type: "macvtap")
            #expect(try host.call("vpc-branch-eni", "CHECK", check).output == "")
            #expect(try host.call("vpc-branch-eni", "DEL", configuration).succeeded)
            #expect(try host.links(in: "task").isEmpty)
        }
    }

    @Test(.requiresKernel("vlan"), .requiresTAP, arguments: ["vlan", "tap", "macvtap"])
    func aFailureLeavesNothing(type: String) throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            try host.ip("link add eth0 type bridge", in: "task")
            let before = try host.state()
            let taken = try host.call("vpc-branch-eni", "ADD", Self.configuration(type: type))
            #expect(taken.message.contains("the namespace has a link eth0 already (bridge)"), "\(taken.message)")
            #expect(try host.links(in: "task") == ["eth0"])
            // DEL of what was never there leaves what somebody else has made.
            #expect(try host.call("vpc-branch-eni", "DEL", Self.configuration(type: type)).succeeded)
            #expect(try host.links(in: "task") == ["eth0"])
            try host.ip("link del eth0", in: "task")
            if type == "vlan" {
                let far = Self.configuration(#""gatewayIPAddresses": ["203.0.113.1"]"#)
                #expect(try host.call("vpc-branch-eni", "ADD", far).message.contains("gatewayIPAddresses"))
            }
            #expect(try host.taskIsEmpty())
            #expect(try host.state() == before)
        }
    }

    /// Of another trunk's VLAN with the same number, and of the container's own, DEL leaves everything.
    @Test(.requiresKernel("vlan"), .requiresKernel("macvtap")) func anotherTrunksVLANStays() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            try host.makeNIC("nic1", mac: "02:11:22:33:44:66", wire: "wire1")
            func branch(_ trunk: String, _ mac: String) -> String {
                Self.configuration(
                    #""trunkMACAddress": "\#(trunk)", "branchMACAddress": "\#(mac)""#, type: "macvtap")
            }
            let first = branch(AttachmentHost.mac, Self.branchMAC)
            let second = branch("02:11:22:33:44:66", "02:e1:48:75:86:b5")
            #expect(try host.call("vpc-branch-eni", "ADD", first, interface: "m1").succeeded)
            #expect(try host.call("vpc-branch-eni", "ADD", second, interface: "m2").succeeded)
            try host.ip("link add own type bridge", in: "task")
            try host.ip("link add link own name own.101 type vlan id 101", in: "task")
            for _ in 1...2 {
                #expect(try host.call("vpc-branch-eni", "DEL", second, interface: "m2").succeeded)
                #expect(try host.links(in: "task") == ["m1", "nic0.101", "own", "own.101"])
            }
            for _ in 1...2 {
                #expect(try host.call("vpc-branch-eni", "DEL", first, interface: "m1").succeeded)
                #expect(try host.links(in: "task") == ["own", "own.101"])
            }
            for type in ["vlan", "macvtap"] {
                let own = Self.configuration(type: type)
                #expect(try host.call("vpc-branch-eni", "DEL", own, interface: "own.101").succeeded)
                #expect(try host.links(in: "task") == ["own", "own.101"])
            }
        }
    }

    /// The bridge goes by the VLAN's number alone: a second machine's is not joined to the first one's network.
    @Test(.requiresKernel("vlan"), .requiresTAP) func anotherTrunksBridgeStays() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            try host.makeNIC("nic1", mac: "02:11:22:33:44:66", wire: "wire1")
            let other = #""trunkMACAddress": "02:11:22:33:44:66", "branchMACAddress": "02:e1:48:75:86:b5""#
            let second = Self.configuration(other, type: "tap")
            #expect(try host.call("vpc-branch-eni", "ADD", Self.configuration(type: "tap")).succeeded)
            let refused = try host.call("vpc-branch-eni", "ADD", second, interface: "eth1")
            #expect(refused.message.contains("a bridge tapbr101 already"), "\(refused.message)")
            #expect(try host.call("vpc-branch-eni", "DEL", second, interface: "eth1").succeeded)
            #expect(try host.links(in: "task") == ["eth0", "nic0.101", "tapbr101"])
        }
    }

    @Test(.requiresKernel("vlan")) func argumentsCountMore() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let arguments = [
                "BranchVlanID=42", "BranchMACAddress=02-44-44-55-55-55", "IPAddresses=192.168.1.2/16,2001:db8::4/64",
                "GatewayIPAddresses=192.168.1.1", "Unknown=1",
            ].joined(separator: ";")
            let answer = try host.call(
                "vpc-branch-eni", "ADD", Self.configuration(), environment: ["CNI_ARGS": arguments])
            #expect(answer.document["interfaces"][0]["mac"].text == "02:44:44:55:55:55", "\(answer.output)")
            #expect(answer.document["ips"].elements.map { $0["address"].text } == ["192.168.1.2/16", "2001:db8::4/64"])
            #expect(try host.show("link show eth0", in: "task")[0]["linkinfo"]["info_data"]["id"].integer == 42)
            #expect(try host.defaultGateway() == "192.168.1.1")
            // The configuration's VLAN is another one.
            try host.call("vpc-branch-eni", "DEL", Self.configuration())
            #expect(try host.links(in: "task") == ["eth0"])
            try host.call("vpc-branch-eni", "DEL", Self.configuration(), environment: ["CNI_ARGS": arguments])
            #expect(try host.links(in: "task").isEmpty)
        }
    }

    @Test(arguments: [
        (#""trunkMACAddress": """#, "missing required parameter trunkName or trunkMACAddress"),
        (#""branchVlanID": """#, "missing required parameter branchVlanID"),
        (#""branchMACAddress": """#, "missing required parameter branchMACAddress"),
        (#""interfaceType": "tap", "uid": """#, "missing required parameter uid"),
        (#""interfaceType": "", "gid": """#, "missing required parameter gid"),
        (#""interfaceType": "tap", "uid": "-1""#, "invalid uid -1"),
        (#""interfaceType": "vtap""#, "known are tap, vlan and macvtap"),
        (#""branchVlanID": "abc""#, "invalid branchVlanID abc"), (#""branchVlanID": "0""#, "invalid branchVlanID 0"),
        (#""branchVlanID": "4095""#, "invalid branchVlanID 4095"),
        (#""branchVlanID": 101"#, "branchVlanID in network config is a number"),
        (#""branchMACAddress": "zz""#, "invalid branchMACAddress zz"),
        (#""trunkMACAddress": "zz""#, "invalid trunkMACAddress zz"),
        (#""ipAddresses": ["10.0.0.1"]"#, "invalid ipAddress 10.0.0.1"),
        (#""gatewayIPAddresses": ["x"]"#, "invalid gatewayIPAddress x"),
        (#""trunkName": "nic7""#, "no device has the name nic7"),
        (#""trunkName": "wire0""#, "trunkName and trunkMACAddress name two different devices"),
        (#""trunkMACAddress": "02:00:00:00:00:99""#, "device with mac address not found: 02:00:00:00:00:99"),
    ])
    func aBadConfigurationChangesNothing(changes: String, text: String) throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            let before = try host.state()
            let answer = try host.call("vpc-branch-eni", "ADD", Self.configuration(changes))
            #expect(answer.status == .exited(1))
            #expect(answer.message.contains(text), "\(answer.message)")
            #expect(try host.state() == before)
            #expect(try host.taskIsEmpty())
        }
    }

    @Test func badArgumentsAreNamed() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            for (arguments, text) in [("BranchVlanID=5000", "CNI_ARGS BranchVlanID"), ("BranchVlanID", "CNI_ARGS")] {
                let answer = try host.call(
                    "vpc-branch-eni", "ADD", Self.configuration(), environment: ["CNI_ARGS": arguments])
                #expect(answer.message.contains(text), "\(answer.message)")
            }
        }
    }

    /// Links that stand on a trunk have its MAC address, too.
    @Test(.requiresKernel("vlan")) func aTrunkIsFoundUnderWhatStandsOnIt() throws {
        try AttachmentHost.with { host in
            try host.makeNIC()
            try host.ip("link add link nic0 name nic0.7 type vlan id 7")
            #expect(try host.call("vpc-branch-eni", "ADD", Self.configuration()).succeeded)
        }
    }
}
