// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot)
struct NeighbourTests {
    @Test(arguments: ["10.0.1.1", "fe80::1"])
    func permanentNeighboursComeChangeAndGo(address: String) throws {
        let pair = try Pair()
        try pair.makeVeth()
        let first = Neighbour(try ip(address), linkIndex: 102, macAddress: try mac("0a:00:00:00:00:01"))
        try pair.inTask.apply(.addNeighbour(first))
        let shown = try runJSON(["ip", "-j", "neigh"], in: pair.task).first(where: "dst", is: address)
        #expect(shown["lladdr"].text == "0a:00:00:00:00:01")
        #expect(shown["state"].texts == ["PERMANENT"])
        #expect(try pair.inTask.neighbours(linkIndex: 102).contains(first))
        #expect(try pair.inTask.neighbours(first.address.family).contains(first))
        #expect(try pair.inTask.neighbours(linkIndex: 1).isEmpty)

        let again = #expect(throws: NetlinkError.self) { try pair.inTask.apply(.addNeighbour(first)) }
        #expect(again?.isAlreadyExists == true)
        let second = Neighbour(first.address, linkIndex: 102, macAddress: try mac("0a:00:00:00:00:02"))
        try pair.inTask.apply(.replaceNeighbour(second))
        #expect(try pair.inTask.neighbours(linkIndex: 102).contains(second))
        try pair.inTask.apply(.removeNeighbour(second))
        #expect(try !pair.inTask.neighbours(linkIndex: 102).contains(second))
        let gone = #expect(throws: NetlinkError.self) { try pair.inTask.apply(.removeNeighbour(second)) }
        #expect(gone?.isNotFound == true)
        #expect(gone?.description.hasPrefix("remove neighbour \(address) lladdr 0a:00:00:00:00:02 dev 102: ") == true)
    }

    @Test(arguments: ["10.0.1.1", "fd00::1"])
    func proxiesComeAndGo(address: String) throws {
        let pair = try Pair()
        try pair.makeVeth()
        let proxy = Neighbour.proxy(try ip(address), linkIndex: 101)
        try pair.onHost.apply(.addNeighbour(proxy))
        let shown = try runJSON(["ip", "-j", "neigh", "show", "proxy"], in: pair.host)
        #expect(shown.first(where: "dst", is: address)["dev"].text == "tn-host")
        #expect(try pair.onHost.proxyNeighbours() == [proxy])
        #expect(try pair.onHost.proxyNeighbours(linkIndex: 1).isEmpty)
        #expect(try !pair.onHost.neighbours().contains(proxy))
        try pair.onHost.apply(.removeNeighbour(proxy))
        #expect(try pair.onHost.proxyNeighbours().isEmpty)
    }
}

@Suite(.requiresRoot)
struct RuleTests {
    @Test func rulesOfBothFamiliesComeAndGo() throws {
        let connection = try RouteConnection(in: .create())
        let four = Rule(
            .v4, action: .lookUp(Table(rawValue: 1001)), priority: 100, source: try block("10.0.1.5/32"),
            destination: try block("10.0.0.0/8"), incomingInterface: "eth7", mark: .init(0x10, mask: 0xF0),
            ruleProtocol: RouteProtocol(rawValue: 84))
        let six = Rule(.v6, action: .lookUp(Table(rawValue: 1001)), priority: 101, source: try block("fd00::5/128"))
        try connection.apply([.addRule(four), .addRule(six)])
        #expect(try connection.rules(.v4).contains(four))
        #expect(try connection.rules(.v6).contains(six))
        #expect(try connection.rules().count == 7)
        #expect(
            four.description
                == "from 10.0.1.5/32 to 10.0.0.0/8 fwmark 0x10/0xf0 iif eth7 lookup 1001 priority 100")
        let again = #expect(throws: NetlinkError.self) { try connection.apply(.addRule(four)) }
        #expect(again?.isAlreadyExists == true)
        try connection.apply([.removeRule(four), .removeRule(six)])
        #expect(try connection.rules().count == 5)
        let gone = #expect(throws: NetlinkError.self) { try connection.apply(.removeRule(four)) }
        #expect(gone?.isNotFound == true)
    }

    @Test func iproute2SeesTheSame() throws {
        let namespace = try NetworkNamespace.create()
        let connection = try RouteConnection(in: namespace)
        try connection.apply([
            .addRule(
                Rule(
                    .v4, action: .lookUp(Table(rawValue: 100_001)), priority: 50, source: try block("10.0.1.5/32"),
                    outgoingInterface: "eth0", mark: .init(7))),
            .addRule(Rule(.v4, action: .prohibit, priority: 51, destination: try block("169.254.169.254/32"))),
            .addRule(Rule(.v4, action: .blackhole, priority: 52, incomingInterface: "eth1")),
        ])
        let rules = try runJSON(["ip", "-j", "rule"], in: namespace).elements
        let first = try #require(rules.first { $0["priority"].integer == 50 })
        #expect(first["src"].text == "10.0.1.5")
        #expect(first["table"].text == "100001")
        #expect(first["oif"].text == "eth0")
        #expect(first["fwmark"].text == "0x7")
        #expect(rules.first { $0["priority"].integer == 51 }?["action"].text == "prohibit")
        #expect(rules.first { $0["priority"].integer == 52 }?["iif"].text == "eth1")
        let read = try connection.rules(.v4)
        #expect(read.map(\.priority) == [0, 50, 51, 52, 32766, 32767])
        #expect(read[1].mark == .init(7))
        #expect(read[2].action == .prohibit)
        #expect(read[4].action == .lookUp(.main))
        #expect(read[4].ruleProtocol == .kernel)
    }

    @Test func aRulesInterfaceIsCheckedLikeAnyOther() throws {
        let connection = try RouteConnection(in: .create())
        let rule = Rule(.v4, action: .prohibit, incomingInterface: "a/b")
        let error = #expect(throws: NetlinkError.self) { try connection.apply(.addRule(rule)) }
        #expect(error?.description.contains("a slash") == true)
    }
}
