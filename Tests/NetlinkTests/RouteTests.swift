// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot)
struct RouteTests {
    private static func makeTask() throws -> Pair {
        let pair = try Pair()
        try pair.makeVeth()
        try pair.inTask.apply([
            .changeLink(.index(1), LinkChange(isUp: true)),
            .addAddress(Address(try interfaceAddress("10.0.1.5/24"), linkIndex: 102)),
            .addAddress(Address(try interfaceAddress("fd00:1::5/64"), linkIndex: 102, flags: [.noDAD])),
        ])
        return pair
    }

    @Test func defaultRoutesOfBothFamilies() throws {
        let pair = try Self.makeTask()
        let four = Route(
            try block("0.0.0.0/0"), gateway: try ip("10.0.1.1"), linkIndex: 102,
            routeProtocol: RouteProtocol(rawValue: 84))
        let six = Route(try block("::/0"), gateway: try ip("fe80::1"), linkIndex: 102, priority: 77)
        try pair.inTask.apply([.addRoute(four), .addRoute(six)])

        let shown = try runJSON(["ip", "-j", "-N", "route"], in: pair.task).first(where: "dst", is: "default")
        #expect(shown["gateway"].text == "10.0.1.1")
        #expect(shown["dev"].text == "eth0")
        #expect(shown["protocol"].text == "84")
        let shown6 = try runJSON(["ip", "-j", "-6", "route"], in: pair.task).first(where: "dst", is: "default")
        #expect(shown6["gateway"].text == "fe80::1")
        #expect(shown6["metric"].integer == 77)

        let read = try pair.inTask.routes(RouteFilter(family: .v4, routeProtocol: RouteProtocol(rawValue: 84)))
        #expect(read.count == 1)
        #expect(read.first?.destination == four.destination)
        #expect(read.first?.gateway == four.gateway)
        #expect(read.first?.linkIndex == 102)
        #expect(read.first?.scope == .universe)
        #expect(read.first?.priority == nil)
        #expect(read.first?.table == .main)
        #expect(read.first?.description == "default via 10.0.1.1 dev 102")
        let way = try pair.inTask.route(to: try ip("192.0.2.1"))
        #expect(way.gateway == (try ip("10.0.1.1")))
        #expect(way.preferredSource == (try ip("10.0.1.5")))
        #expect(try pair.inTask.route(to: try ip("2001:db8::1")).gateway == (try ip("fe80::1")))

        let again = #expect(throws: NetlinkError.self) { try pair.inTask.apply(.addRoute(four)) }
        #expect(again?.isAlreadyExists == true)
        try pair.inTask.apply(.replaceRoute(Route(four.destination, gateway: try ip("10.0.1.2"), linkIndex: 102)))
        #expect(try pair.inTask.route(to: try ip("192.0.2.1")).gateway == (try ip("10.0.1.2")))
        try pair.inTask.apply([.removeRoute(Route(four.destination, gateway: try ip("10.0.1.2"))), .removeRoute(six)])
        let gone = #expect(throws: NetlinkError.self) { try pair.inTask.apply(.removeRoute(six)) }
        #expect(gone?.isNotFound == true)
        let nowhere = #expect(throws: NetlinkError.self) { try pair.inTask.route(to: try ip("192.0.2.1")) }
        #expect(nowhere?.errno == .networkUnreachable)
    }

    @Test func refusalsCarryTheKernelsWords() throws {
        let pair = try Self.makeTask()
        let error = #expect(throws: NetlinkError.self) {
            try pair.inTask.apply(.addRoute(Route(try block("0.0.0.0/0"), gateway: try ip("10.9.9.1"), linkIndex: 102)))
        }
        #expect(
            error?.description
                == "add route default via 10.9.9.1 dev 102: Network is unreachable (ENETUNREACH): "
                + "Nexthop has invalid gateway")
        try pair.inTask.apply(
            .addRoute(Route(try block("0.0.0.0/0"), gateway: try ip("10.9.9.1"), linkIndex: 102, isOnLink: true)))
        let shown = try runJSON(["ip", "-j", "route"], in: pair.task).first(where: "dst", is: "default")
        #expect(shown["flags"].texts == ["onlink"])
        #expect(try pair.inTask.routes(RouteFilter(family: .v4)).contains { $0.isOnLink })
    }

    @Test func hostRoutesAsTheHostSideHasThem() throws {
        let pair = try Pair()
        try pair.makeVeth()
        let four = Route(try block("10.0.1.5/32"), linkIndex: 101, routeProtocol: RouteProtocol(rawValue: 84))
        let six = Route(try block("fd00:1::5/128"), linkIndex: 101, routeProtocol: RouteProtocol(rawValue: 84))
        try pair.onHost.apply([.addRoute(four), .addRoute(six)])
        let shown = try runJSON(["ip", "-j", "route"], in: pair.host)[0]
        #expect(shown["dst"].text == "10.0.1.5")
        #expect(shown["scope"].text == "link")
        #expect(
            try runJSON(["ip", "-j", "-6", "route", "show", "proto", "84"], in: pair.host)[0]["dst"].text == "fd00:1::5"
        )
        let ours = try pair.onHost.routes(RouteFilter(routeProtocol: RouteProtocol(rawValue: 84)))
        #expect(Set(ours.map(\.destination)) == [four.destination, six.destination])
        try pair.onHost.apply(ours.map { .removeRoute($0) })
        #expect(try pair.onHost.routes(RouteFilter(routeProtocol: RouteProtocol(rawValue: 84))).isEmpty)
    }

    @Test(arguments: [Route.Kind.unreachable, .blackhole, .prohibit, .throw])
    func routesThatLeadNowhere(kind: Route.Kind) throws {
        let pair = try Self.makeTask()
        let four = Route(try block("10.7.0.0/16"), kind: kind)
        let six = Route(try block("fd00:7::/32"), kind: kind)
        try pair.inTask.apply([.addRoute(four), .addRoute(six)])
        #expect(
            try runJSON(["ip", "-j", "route", "show", "type", "\(kind)"], in: pair.task)[0]["dst"].text == "10.7.0.0/16"
        )
        let error = #expect(throws: NetlinkError.self) { try pair.inTask.route(to: try ip("10.7.0.1")) }
        let expected: [Route.Kind: Errno] = [
            .unreachable: .noRouteToHost, .blackhole: .invalidArgument, .prohibit: .permissionDenied,
            .throw: .networkUnreachable,
        ]
        #expect(error?.errno == expected[kind])
        let read = try pair.inTask.routes(RouteFilter(kind: kind))
        #expect(Set(read.map(\.destination)) == [four.destination, six.destination])
        #expect(read.allSatisfy { $0.kind == kind })
        try pair.inTask.apply([.removeRoute(four), .removeRoute(six)])
        #expect(try pair.inTask.routes(RouteFilter(kind: kind)).isEmpty)
    }

    @Test func tablesSourcesAndLocalRoutes() throws {
        let pair = try Self.makeTask()
        let table = Table(rawValue: 100_001)
        let route = Route(
            try block("0.0.0.0/0"), gateway: try ip("10.0.1.1"), linkIndex: 102, table: table,
            preferredSource: try ip("10.0.1.5"), priority: 5)
        let local = Route(try block("10.99.0.0/24"), kind: .local, linkIndex: 1, table: .local)
        try pair.inTask.apply([.addRoute(route), .addRoute(local)])
        let shown = try runJSON(["ip", "-j", "route", "show", "table", "100001"], in: pair.task)[0]
        #expect(shown["gateway"].text == "10.0.1.1")
        #expect(shown["prefsrc"].text == "10.0.1.5")
        #expect(shown["metric"].integer == 5)
        #expect(
            try pair.inTask.routes(RouteFilter(family: .v4, table: table)).map(\.description) == [route.description])
        #expect(try pair.inTask.route(to: try ip("10.99.0.3")).kind == .local)
        #expect(
            try pair.inTask.routes(RouteFilter(family: .v4, table: .local)).contains {
                $0.destination == local.destination
            })
        #expect(try pair.inTask.routes(RouteFilter(family: .v4, linkIndex: 1)).allSatisfy { $0.linkIndex == 1 })
        try pair.inTask.apply([.removeRoute(route), .removeRoute(local)])
        #expect(try pair.inTask.routes(RouteFilter(family: .v4, table: table)).isEmpty)
    }

    @Test func aTableThatNeverHadARouteIsEmpty() throws {
        let connection = try RouteConnection(in: .create())
        for family: IPFamily? in [.v4, .v6, nil] {
            #expect(try connection.routes(RouteFilter(family: family, table: Table(rawValue: 4711))).isEmpty)
        }
        let error = #expect(throws: NetlinkError.self) { try connection.routes(RouteFilter(linkIndex: 77)) }
        #expect(error?.isNotFound == true)
        #expect(throws: NetlinkError.self) { try connection.addresses(linkIndex: 77) }
    }

    @Test func ipv4ByWayOfAnIPv6Neighbour() throws {
        let pair = try Self.makeTask()
        let route = Route(try block("10.50.0.0/16"), gateway: try ip("fe80::1"), linkIndex: 102)
        try pair.inTask.apply(.addRoute(route))
        let shown = try runJSON(["ip", "-j", "route", "show", "10.50.0.0/16"], in: pair.task)[0]
        #expect(shown["via"]["host"].text == "fe80::1")
        #expect(try pair.inTask.routes(RouteFilter(family: .v4)).contains { $0.gateway == route.gateway })
    }
}
