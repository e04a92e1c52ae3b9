// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot)
struct LinkKindTests {
    /// A pair with a parent link "left" that is up, index 50.
    private static func makeParent() throws -> Pair {
        let pair = try Pair()
        let peer = PeerSpec(name: "right", index: 51, isUp: true)
        try pair.onHost.apply(.createLink(LinkSpec(name: "left", kind: .veth(peer: peer), index: 50, isUp: true)))
        return pair
    }

    /// Makes a link of a kind in the task's namespace, its parent on the host, and looks at it with both eyes.
    private static func makeAndRead(_ kind: LinkKind, _ pair: Pair) throws -> (link: Link, shown: JSON) {
        let spec = LinkSpec(name: "eth0", kind: kind, index: 102, mtu: 1400, isUp: true, namespace: pair.task)
        try pair.onHost.apply(.createLink(spec))
        let shown = try shown("eth0", in: pair.task)
        #expect(shown["linkinfo"]["info_kind"].text == kind.name)
        #expect(shown["mtu"].integer == 1400)
        #expect(shown["flags"].texts.contains("UP"))
        let link = try pair.inTask.link(index: 102)
        #expect(link.kind?.name == kind.name)
        #expect(try pair.inTask.links().contains(link))
        return (link, shown["linkinfo"]["info_data"])
    }

    @Test(.requiresKernel("dummy")) func dummy() throws {
        let pair = try Pair()
        let (link, _) = try Self.makeAndRead(.dummy, pair)
        #expect(link.kind == .dummy)
        #expect(link.parent == nil)
    }

    @Test(.requiresKernel("vlan")) func vlan() throws {
        let pair = try Self.makeParent()
        let (link, data) = try Self.makeAndRead(.vlan(parent: 50, id: 4094), pair)
        #expect(link.kind == .vlan(id: 4094))
        #expect(link.parent == 50)
        #expect(data["id"].integer == 4094)
        let second = LinkSpec(name: "again", kind: .vlan(parent: 50, id: 4094))
        let taken = #expect(throws: NetlinkError.self) { try pair.onHost.apply(.createLink(second)) }
        #expect(taken?.isAlreadyExists == true)
        let impossible = LinkSpec(name: "many", kind: .vlan(parent: 50, id: 4095))
        let error = #expect(throws: NetlinkError.self) { try pair.onHost.apply(.createLink(impossible)) }
        #expect(error?.description.contains("Invalid VLAN id") == true)
    }

    @Test(.requiresKernel("macvlan"), arguments: LinkKind.MacvlanMode.allCases)
    func macvlan(mode: LinkKind.MacvlanMode) throws {
        let pair = try Self.makeParent()
        let (link, data) = try Self.makeAndRead(.macvlan(parent: 50, mode: mode), pair)
        #expect(link.kind == .macvlan(mode: mode))
        #expect(data["mode"].text == "\(mode)")
    }

    @Test(.requiresKernel("macvtap"), arguments: LinkKind.MacvlanMode.allCases)
    func macvtap(mode: LinkKind.MacvlanMode) throws {
        let pair = try Self.makeParent()
        let (link, data) = try Self.makeAndRead(.macvtap(parent: 50, mode: mode), pair)
        #expect(link.kind == .macvtap(mode: mode))
        #expect(data["mode"].text == "\(mode)")
    }

    @Test(.requiresKernel("ipvlan"), arguments: LinkKind.IPVLANMode.allCases)
    func ipvlan(mode: LinkKind.IPVLANMode) throws {
        let pair = try Self.makeParent()
        let (link, data) = try Self.makeAndRead(.ipvlan(parent: 50, mode: mode), pair)
        #expect(link.kind == .ipvlan(mode: mode))
        #expect(data["mode"].text == "\(mode)")
    }

    @Test func bridge() throws {
        let pair = try Pair()
        let (link, _) = try Self.makeAndRead(.bridge, pair)
        #expect(link.kind == .bridge)
        try pair.inTask.apply(.createLink(LinkSpec(name: "left", kind: .veth(peer: PeerSpec(name: "right")))))
        try pair.inTask.apply(.changeLink(.name("left"), LinkChange(isUp: true, master: 102)))
        #expect(try shown("left", in: pair.task)["master"].text == "eth0")
    }

    @Test(.requiresKernel("vxlan")) func vxlan() throws {
        let pair = try Self.makeParent()
        let vxlan = LinkKind.VXLAN(
            id: 0xFFFFFF, port: 4790, parent: 50, local: try ip("10.0.0.1"), remote: try ip("239.1.1.1"), learns: false)
        let (link, data) = try Self.makeAndRead(.vxlan(vxlan), pair)
        #expect(link.kind == .vxlan(id: 0xFFFFFF))
        #expect(data["id"].integer == 0xFFFFFF)
        #expect(data["port"].integer == 4790)
        #expect(data["group"].text == "239.1.1.1")
        #expect(data["local"].text == "10.0.0.1")
        #expect(data["link_index"].integer == 50 || data["link"].text == "if50")
        #expect(data["learning"].flag == false)
        let impossible = LinkSpec(name: "many", kind: .vxlan(LinkKind.VXLAN(id: 1 << 24)))
        #expect(throws: NetlinkError.self) { try pair.onHost.apply(.createLink(impossible)) }
    }

    @Test(.requiresKernel("vxlan")) func vxlanOverIPv6() throws {
        let pair = try Pair()
        let vxlan = LinkKind.VXLAN(id: 7, local: try ip("fd00::1"), remote: try ip("fd00::2"))
        let (_, data) = try Self.makeAndRead(.vxlan(vxlan), pair)
        #expect(data["remote6"].text == "fd00::2")
        #expect(data["local6"].text == "fd00::1")
        #expect(data["port"].integer == 4789)
    }

    @Test func aParentThatIsNotThereIsNotFound() throws {
        let pair = try Pair()
        for kind: LinkKind in [.macvlan(parent: 99, mode: .bridge), .vlan(parent: 99, id: 1)] {
            let spec = LinkSpec(name: "eth0", kind: kind)
            let error = #expect(throws: NetlinkError.self) { try pair.onHost.apply(.createLink(spec)) }
            // A kernel without VLANs says so first.
            #expect(error?.isNotFound == true || error?.errno == .notSupportedOnSocket)
        }
    }

    /// Whatever else a host has on it, it can be listed, found and watched.
    @Test func kindsThatNobodyHereKnowsAreListed() throws {
        let pair = try Self.makeParent()
        let events = try LinkEvents(in: pair.host)
        let commands = [
            ["tuntap", "add", "dev", "odd0", "mode", "tun"], ["tuntap", "add", "dev", "odd1", "mode", "tap"],
            ["link", "add", "odd2", "type", "ifb"], ["link", "add", "link", "left", "odd3", "type", "macvtap"],
            ["link", "add", "odd4", "type", "geneve", "id", "1", "remote", "10.0.0.1"],
            ["link", "add", "odd5", "type", "vrf", "table", "10"], ["link", "add", "odd6", "type", "wireguard"],
            ["link", "add", "odd7", "type", "gre", "local", "10.0.0.1", "remote", "10.0.0.2"],
            ["link", "add", "odd8", "type", "sit", "local", "10.0.0.1", "remote", "10.0.0.2"],
            ["link", "add", "odd9", "type", "bond"], ["link", "add", "odd10", "type", "team"],
            ["link", "add", "odd11", "type", "ip6tnl", "local", "fd00::1", "remote", "fd00::2"],
            ["link", "add", "odd12", "type", "xfrm", "dev", "left", "if_id", "1"],
            ["link", "add", "odd13", "type", "nlmon"],
            ["link", "add", "odd14", "type", "bareudp", "dstport", "6635", "ethertype", "mpls_uc"],
            ["link", "property", "add", "dev", "left", "altname", "an-alternative-name-longer-than-fifteen"],
        ]
        let made = try commands.filter { try attempt(["ip"] + $0, in: pair.host).succeeded }
        #expect(made.count > 2)
        let expected = try runJSON(["ip", "-j", "-d", "link"], in: pair.host).elements
        let links = try pair.onHost.links()
        #expect(links.map(\.name) == expected.compactMap { $0["ifname"].text })
        for (link, shown) in zip(links, expected) {
            #expect(Int(link.index) == shown["ifindex"].integer)
            #expect(link.mtu == shown["mtu"].integer)
            #expect(link.kind?.name == shown["linkinfo"]["info_kind"].text)
            #expect(link.isUp == shown["flags"].texts.contains("UP"))
            if shown["link_type"].text == "ether" { #expect(link.macAddress?.description == shown["address"].text) }
            #expect(try pair.onHost.link(index: link.index).name == link.name)
            #expect(try pair.onHost.link(named: link.name).index == link.index)
        }
        #expect(try pair.onHost.link(index: 50).parent == 51)
        var seen = 0
        while let event = try events.next(until: .now) {
            #expect(event != .overflow)
            seen += 1
        }
        #expect(seen >= made.count)
    }
}
