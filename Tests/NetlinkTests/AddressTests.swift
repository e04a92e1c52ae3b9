// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot)
struct AddressTests {
    @Test func addressesOfBothFamiliesComeAndGo() throws {
        let pair = try Pair()
        try pair.makeVeth()
        let four = Address(try interfaceAddress("10.0.1.5/24"), linkIndex: 102, broadcast: .init("10.0.1.255"))
        let six = Address(try interfaceAddress("fd00:1::5/64"), linkIndex: 102, flags: [.noDAD])
        try pair.inTask.apply([.addAddress(four), .addAddress(six)])

        let shown = try runJSON(["ip", "-j", "addr", "show", "dev", "eth0"], in: pair.task)[0]["addr_info"]
        let inet = shown.first(where: "family", is: "inet")
        #expect(inet["local"].text == "10.0.1.5")
        #expect(inet["prefixlen"].integer == 24)
        #expect(inet["broadcast"].text == "10.0.1.255")
        #expect(inet["scope"].text == "global")
        let inet6 = shown.first(where: "local", is: "fd00:1::5")
        #expect(inet6["prefixlen"].integer == 64)
        #expect(inet6["nodad"].flag == true)
        #expect(inet6["tentative"].isNull)

        #expect(try pair.inTask.addresses(.v4).map(\.address) == [four.address])
        #expect(try pair.inTask.addresses(.v4)[0].broadcast == four.broadcast)
        #expect(try pair.inTask.addresses(.v4)[0].label == "eth0")
        #expect(try pair.inTask.addresses(linkIndex: 102).map(\.address).contains(six.address))
        #expect(try pair.inTask.addresses(linkIndex: 1).isEmpty)
        let read = try #require(try pair.inTask.addresses(.v6).first { $0.address == six.address })
        #expect(read.flags.isSuperset(of: [.noDAD, .permanent]))
        #expect(!read.flags.contains(.tentative))

        let again = #expect(throws: NetlinkError.self) { try pair.inTask.apply(.addAddress(four)) }
        #expect(again?.isAlreadyExists == true)
        #expect(again?.description.hasPrefix("add address 10.0.1.5/24 dev 102: File exists (EEXIST)") == true)
        try pair.inTask.apply([.replaceAddress(four), .replaceAddress(six)])

        try pair.inTask.apply([.removeAddress(four), .removeAddress(six)])
        #expect(try pair.inTask.addresses(.v4).isEmpty)
        let gone = #expect(throws: NetlinkError.self) { try pair.inTask.apply(.removeAddress(four)) }
        #expect(gone?.isNotFound == true)
        #expect(
            gone?.description.hasPrefix(
                "remove address 10.0.1.5/24 dev 102: Cannot assign requested address (EADDRNOTAVAIL)")
                == true)
    }

    @Test func pointToPointAndScopes() throws {
        let pair = try Pair()
        try pair.makeVeth()
        try pair.inTask.apply([
            .changeLink(.index(1), LinkChange(isUp: true)),
            .addAddress(Address(try interfaceAddress("169.254.170.2/32"), linkIndex: 1, scope: .host)),
            .addAddress(Address(try interfaceAddress("10.1.1.1/32"), linkIndex: 102, peer: try ip("10.1.1.2"))),
            .addAddress(
                Address(
                    try interfaceAddress("10.2.0.1/16"), linkIndex: 102, scope: .link, flags: [.noPrefixRoute],
                    label: "eth0:1")),
        ])
        let loopback = try runJSON(["ip", "-j", "addr", "show", "dev", "lo"], in: pair.task)[0]["addr_info"]
        #expect(loopback.first(where: "local", is: "169.254.170.2")["scope"].text == "host")
        #expect(loopback.first(where: "local", is: "127.0.0.1")["prefixlen"].integer == 8)
        let addresses = try runJSON(["ip", "-j", "addr", "show", "dev", "eth0"], in: pair.task)[0]["addr_info"]
        let pointToPoint = addresses.first(where: "local", is: "10.1.1.1")
        #expect(pointToPoint["address"].text == "10.1.1.2")
        let quiet = addresses.first(where: "local", is: "10.2.0.1")
        #expect(quiet["scope"].text == "link")
        #expect(quiet["noprefixroute"].flag == true)
        #expect(quiet["label"].text == "eth0:1")
        #expect(
            try pair.inTask.routes(RouteFilter(table: .main)).contains { $0.destination.prefixLength == 16 } == false)

        let read = try pair.inTask.addresses(.v4, linkIndex: 102)
        #expect(read.count == 2)
        let withPeer = try #require(read.first { $0.peer != nil })
        #expect(withPeer.description == "10.1.1.1/32 peer 10.1.1.2 dev 102")
        let withoutPeer = try #require(read.first { $0.peer == nil })
        #expect(withoutPeer.scope == .link)
        #expect(withoutPeer.flags.contains(.noPrefixRoute))
    }

    @Test func addressesOfLinksThatAreNotThere() throws {
        let connection = try RouteConnection(in: .create())
        let error = #expect(throws: NetlinkError.self) {
            try connection.apply(.addAddress(Address(try interfaceAddress("10.0.0.1/24"), linkIndex: 9)))
        }
        #expect(error?.isNotFound == true)
    }
}
