// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot)
struct LinkTests {
    @Test func vethIsBornWithAllThatIsSaidAboutBothEnds() throws {
        let pair = try Pair()
        let peer = PeerSpec(
            name: "tn-0123456789ab", index: 1001, macAddress: try mac("0a:00:00:00:00:02"), mtu: 9001,
            alias: "tasknet task eni", isUp: true, group: 84)
        let spec = LinkSpec(
            name: "eth0", kind: .veth(peer: peer), index: 1000, macAddress: try mac("0a:00:00:00:00:01"), mtu: 9001,
            isUp: true, namespace: pair.task)
        try pair.onHost.apply(.createLink(spec))

        let inner = try shown("eth0", in: pair.task)
        #expect(inner["ifindex"].integer == 1000)
        #expect(inner["address"].text == "0a:00:00:00:00:01")
        #expect(inner["mtu"].integer == 9001)
        #expect(inner["operstate"].text == "UP")
        #expect(inner["linkinfo"]["info_kind"].text == "veth")
        let outer = try shown("tn-0123456789ab", in: pair.host)
        #expect(outer["ifindex"].integer == 1001)
        #expect(outer["address"].text == "0a:00:00:00:00:02")
        #expect(outer["mtu"].integer == 9001)
        #expect(outer["operstate"].text == "UP")
        #expect(outer["ifalias"].text == "tasknet task eni")
        #expect(outer["group"].text == "84")
        #expect(outer["link_index"].integer == 1000)
    }

    @Test func vethInOneNamespaceMayHaveEverythingAtBothEnds() throws {
        let pair = try Pair()
        let peer = PeerSpec(name: "right", alias: "at the right", isUp: true)
        let spec = LinkSpec(name: "left", kind: .veth(peer: peer), alias: "at the left", isUp: true, group: 7)
        try pair.onHost.apply(.createLink(spec))
        let left = try shown("left", in: pair.host)
        let right = try shown("right", in: pair.host)
        #expect(left["ifalias"].text == "at the left")
        #expect(right["ifalias"].text == "at the right")
        #expect(left["operstate"].text == "UP")
        #expect(right["operstate"].text == "UP")
        #expect(left["group"].text == "7")
    }

    @Test func whatTheKernelWouldPassOverIsRefused() throws {
        let pair = try Pair()
        let peer = PeerSpec(name: "eth0", isUp: true, namespace: pair.task)
        let error = #expect(throws: NetlinkError.self) {
            try pair.onHost.apply(.createLink(LinkSpec(name: "left", kind: .veth(peer: peer))))
        }
        #expect(error?.errno == .notSupported)
        #expect(error?.description.contains("make it the link, and the other end its peer") == true)
        let alias = LinkSpec(name: "left", kind: .bridge, alias: "text", namespace: pair.task)
        #expect(throws: NetlinkError.self) { try pair.onHost.apply(.createLink(alias)) }
        #expect(try linkNames(pair.onHost) == ["lo"])
    }

    @Test func linksAreFoundByIndexNameAndMAC() throws {
        let pair = try Pair()
        try pair.makeVeth()
        try pair.onHost.apply(.changeLink(.index(101), LinkChange(macAddress: try mac("0a:00:00:00:00:02"))))
        let byIndex = try pair.onHost.link(index: 101)
        #expect(byIndex.name == "tn-host")
        #expect(byIndex.isUp)
        #expect(byIndex.flags.isSuperset(of: [.up, .lowerUp, .running]))
        #expect(byIndex.kind == .veth)
        #expect(byIndex.parent == 102)
        #expect(byIndex.parentNamespaceID != nil)
        #expect(byIndex.operationalState == .up)
        #expect(byIndex.addressGeneration == .eui64)
        #expect(try pair.onHost.link(named: "tn-host") == byIndex)
        #expect(try pair.onHost.links(macAddress: try mac("0a:00:00:00:00:02")) == [byIndex])
        #expect(try pair.onHost.links(macAddress: try mac("0a:00:00:00:00:03")).isEmpty)
        let loopback = try pair.inTask.link(named: "lo")
        #expect(loopback.index == 1)
        #expect(loopback.kind == nil)
        #expect(loopback.flags.contains(.loopback))
        #expect(!loopback.isUp)
        #expect(try linkNames(pair.inTask) == ["eth0", "lo"])
    }

    @Test func missingLinksAreNotFound() throws {
        let connection = try RouteConnection(in: .create())
        let byIndex = #expect(throws: NetlinkError.self) { try connection.link(index: 77) }
        #expect(byIndex?.isNotFound == true)
        #expect(byIndex?.description == "read link 77: No such device (ENODEV)")
        let byName = #expect(throws: NetlinkError.self) { try connection.link(named: "eth7") }
        #expect(byName?.isNotFound == true)
        for change: NetworkChange in [
            .deleteLink(.name("eth7")), .deleteLink(.index(77)), .changeLink(.index(77), LinkChange(isUp: true)),
        ] {
            let error = #expect(throws: NetlinkError.self) { try connection.apply(change) }
            #expect(error?.isNotFound == true, "\(change)")
        }
    }

    @Test func aNameOrIndexThatIsTakenIsAlreadyThere() throws {
        let pair = try Pair()
        try pair.makeVeth()
        let sameName = LinkSpec(name: "tn-host", kind: .bridge)
        let error = #expect(throws: NetlinkError.self) { try pair.onHost.apply(.createLink(sameName)) }
        #expect(error?.isAlreadyExists == true)
        #expect(error?.description == "create link tn-host (bridge): File exists (EEXIST)")
        let sameIndex = LinkSpec(name: "other", kind: .bridge, index: 101)
        let busy = #expect(throws: NetlinkError.self) { try pair.onHost.apply(.createLink(sameIndex)) }
        // Which of the two depends on the kernel.
        #expect(busy?.errno == .resourceBusy || busy?.isAlreadyExists == true)
    }

    @Test func everythingAboutALinkCanBeChangedAtOnce() throws {
        let pair = try Pair()
        try pair.makeVeth()
        let down = LinkChange(
            isUp: false, name: "renamed", macAddress: try mac("0a:00:00:00:00:09"), mtu: 1400, alias: "text", group: 5,
            addressGeneration: AddressGeneration.none)
        try pair.onHost.apply(.changeLink(.index(101), down))
        let link = try pair.onHost.link(index: 101)
        #expect(link.name == "renamed")
        #expect(link.macAddress == (try mac("0a:00:00:00:00:09")))
        #expect(link.mtu == 1400)
        #expect(link.alias == "text")
        #expect(link.group == 5)
        #expect(link.addressGeneration == AddressGeneration.none)
        #expect(!link.isUp)
        #expect(link.operationalState == .down)
        let json = try shown("renamed", in: pair.host)
        #expect(json["inet6_addr_gen_mode"].text == "none")
        #expect(json["ifalias"].text == "text")

        try pair.onHost.apply(.changeLink(.index(101), LinkChange(isUp: true, alias: "")))
        let again = try pair.onHost.link(index: 101)
        #expect(again.isUp)
        #expect(again.alias == nil)
        #expect(again.mtu == 1400)
    }

    @Test func addressGenerationIsSetBeforeALinkComesUp() throws {
        let pair = try Pair()
        try pair.onHost.apply(.createLink(LinkSpec(name: "left", kind: .veth(peer: PeerSpec(name: "right")))))
        try pair.onHost.apply([
            .changeLink(.name("left"), LinkChange(isUp: true, addressGeneration: AddressGeneration.none)),
            .changeLink(.name("right"), LinkChange(isUp: true)),
        ])
        let left = try pair.onHost.link(named: "left").index
        let right = try pair.onHost.link(named: "right").index
        #expect(try pair.onHost.addresses(.v6, linkIndex: left).isEmpty)
        #expect(try pair.onHost.addresses(.v6, linkIndex: right).count == 1)
    }

    @Test func aLinkMovesAndIsItselfThere() throws {
        let pair = try Pair()
        try pair.onHost.apply(
            .createLink(LinkSpec(name: "left", kind: .veth(peer: PeerSpec(name: "right")), isUp: true)))
        let change = LinkChange(
            isUp: true, name: "eth0", macAddress: try mac("0a:00:00:00:00:05"), mtu: 1280, alias: "moved",
            namespace: pair.task)
        let byName = #expect(throws: NetlinkError.self) { try pair.onHost.apply(.changeLink(.name("left"), change)) }
        #expect(byName?.errno == .invalidArgument)
        let index = try pair.onHost.link(named: "left").index
        try pair.onHost.apply(.changeLink(.index(index), change))
        #expect(throws: NetlinkError.self) { try pair.onHost.link(named: "left") }
        let moved = try pair.inTask.link(named: "eth0")
        #expect(moved.isUp)
        #expect(moved.mtu == 1280)
        #expect(moved.alias == "moved")
        #expect(moved.macAddress == (try mac("0a:00:00:00:00:05")))

        // And back under its old name, whatever it is called now.
        try pair.inTask.apply(.changeLink(.index(moved.index), LinkChange(name: "left", namespace: pair.host)))
        #expect(try pair.onHost.link(named: "left").isUp == false)
    }

    @Test func deletingOneEndDeletesBoth() throws {
        let pair = try Pair()
        try pair.makeVeth()
        try pair.onHost.apply(.deleteLink(.name("tn-host")))
        #expect(try linkNames(pair.onHost) == ["lo"])
        #expect(try linkNames(pair.inTask) == ["lo"])
    }

    @Test func aGroupIsDeletedAtOnceAndNothingElse() throws {
        let pair = try Pair()
        for number in 0..<5 {
            try pair.onHost.apply(
                .createLink(LinkSpec(name: "br\(number)", kind: .bridge, group: number == 0 ? 0 : 84)))
        }
        try pair.onHost.apply(.deleteLinks(group: 84))
        #expect(try linkNames(pair.onHost) == ["br0", "lo"])
        let nothing = #expect(throws: NetlinkError.self) { try pair.onHost.apply(.deleteLinks(group: 84)) }
        #expect(nothing?.isNotFound == true)
        let all = #expect(throws: NetlinkError.self) { try pair.onHost.apply(.deleteLinks(group: 0)) }
        #expect(all?.errno == .invalidArgument)
        #expect(try pair.onHost.link(named: "br0").kind == .bridge)
    }

    @Test func socketStaysInItsNamespaceWhenTheThreadIsElsewhere() throws {
        let pair = try Pair()
        try pair.makeVeth()
        let names = try pair.host.enter { try linkNames(pair.inTask) }
        #expect(names == ["eth0", "lo"])
        let here = try pair.task.enter { try RouteConnection() }
        #expect(try linkNames(here) == ["eth0", "lo"])
    }

    @Test(arguments: [
        ("", "is an empty name"), (".", "stands for a directory"), ("..", "stands for a directory"),
        ("sixteen-bytes-xx", "16 bytes long, at most 15"), ("a/b", "a slash"), ("a:b", "a colon"),
        ("a b", "white space"),
        ("a\tb", "white space"), ("a\n", "white space"), ("a%d", "percent sign"), ("a\0b", "NUL"), ("à", "white space"),
    ])
    func namesAreCheckedBeforeTheKernelIsAsked(name: String, reason: String) throws {
        let pair = try Pair()
        for change: NetworkChange in [
            .createLink(LinkSpec(name: name, kind: .bridge)),
            .createLink(LinkSpec(name: "left", kind: .veth(peer: PeerSpec(name: name)))),
            .changeLink(.index(1), LinkChange(name: name)), .changeLink(.name(name), LinkChange(isUp: true)),
            .deleteLink(.name(name)),
        ] {
            let error = #expect(throws: NetlinkError.self) { try pair.onHost.apply(change) }
            #expect(error?.description.contains(reason) == true, "\(change): \(String(describing: error))")
        }
        #expect(throws: NetlinkError.self) { try pair.onHost.link(named: name) }
        #expect(try linkNames(pair.onHost) == ["lo"])
    }

    @Test(arguments: ["x", "fifteen-bytes-x", "é", "eth0.100", "-", "..."])
    func unusualNamesThatTheKernelTakesAreTaken(name: String) throws {
        let pair = try Pair()
        try pair.onHost.apply(.createLink(LinkSpec(name: name, kind: .bridge)))
        #expect(try pair.onHost.link(named: name).name == name)
        #expect(try pair.onHost.links().contains { $0.name == name })
    }

    @Test func impossibleValuesAreTheKernelsWords() throws {
        let pair = try Pair()
        try pair.makeVeth()
        let tiny = #expect(throws: NetlinkError.self) {
            try pair.onHost.apply(.changeLink(.name("tn-host"), LinkChange(mtu: 1)))
        }
        #expect(tiny?.description == "change link tn-host: Invalid argument (EINVAL): mtu less than device minimum")
        let negative = #expect(throws: NetlinkError.self) {
            try pair.onHost.apply(.changeLink(.name("tn-host"), LinkChange(mtu: -1)))
        }
        #expect(negative?.description == "change link tn-host: Invalid argument (EINVAL): there is no MTU of -1")
        for alias in [String(repeating: "x", count: 255), "a\0b"] {
            let spec = LinkSpec(name: "br0", kind: .bridge, alias: alias)
            let error = #expect(throws: NetlinkError.self) { try pair.onHost.apply(.createLink(spec)) }
            #expect(error?.description.contains("an alias") == true)
        }
        try pair.onHost.apply(
            .createLink(LinkSpec(name: "br1", kind: .bridge, alias: String(repeating: "x", count: 254))))
        #expect(try linkNames(pair.onHost) == ["br1", "lo", "tn-host"])
    }
}
