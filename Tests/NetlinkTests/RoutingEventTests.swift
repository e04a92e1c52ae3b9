// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import TestSupport
import Testing

@Suite("Routing events", .requiresRoot)
struct RoutingEventTests {
    @Test("Default routes and forwarding are told, other routes are not", .timeLimit(.minutes(1)))
    func events() async throws {
        try await TestHost.with { host in
            try run(["ip", "link", "add", "wan", "type", "veth", "peer", "name", "far-wan"], in: host.namespace)
            try run(["ip", "addr", "add", "192.0.2.2/24", "dev", "wan"], in: host.namespace)
            try run(["ip", "link", "set", "wan", "up"], in: host.namespace)
            let index = try RouteConnection(in: host.namespace).link(named: "wan").index
            let events = try RoutingEvents(in: host.namespace)
            try run(["ip", "route", "add", "198.51.100.0/24", "dev", "wan"], in: host.namespace)
            try run(["ip", "route", "add", "default", "dev", "wan", "table", "7"], in: host.namespace)
            try run(["ip", "route", "add", "default", "via", "192.0.2.1"], in: host.namespace)
            #expect(try await events.next() == [.defaultRoute])
            try run(["ip", "-6", "route", "add", "default", "dev", "wan"], in: host.namespace)
            #expect(try await events.next() == [.defaultRoute])
            try Sysctl.ipv4(interface: "wan", "forwarding").write("1", in: host.namespace)
            #expect(try await events.next() == [.settings(linkIndex: index)])
            try Sysctl.ipv4(interface: "all", "forwarding").write("1", in: host.namespace)
            #expect(try await events.next()?.contains(.settings(linkIndex: nil)) == true)
            try run(["ip", "route", "del", "default"], in: host.namespace)
            #expect(try await events.next() == [.defaultRoute])
        }
    }

    @Test("A slow reader is told that events were lost, and it goes on", .timeLimit(.minutes(1)))
    func overflow() async throws {
        try await TestHost.with { host in
            let events = try RoutingEvents(in: host.namespace, receiveBuffer: 16 << 10)
            let connection = try RouteConnection(in: host.namespace)
            let routes = try (0..<200).map { try NetworkChange.addRoute(Route(block("10.9.\($0).0/24"), linkIndex: 1)) }
            try connection.apply(routes)
            #expect(try await events.next()?.contains(.overflow) == true)
            try connection.apply(.addRoute(Route(block("0.0.0.0/0"), linkIndex: 1)))
            #expect(try await events.next() == [.defaultRoute])
        }
    }

    @Test("Cancelling ends it", .timeLimit(.minutes(1)))
    func cancelled() async throws {
        try await TestHost.with { host in
            let events = try RoutingEvents(in: host.namespace)
            let reader = Task { try await events.next() }
            reader.cancel()
            #expect(try await reader.value == nil)
            #expect(try await events.next() == nil)
        }
    }

    @Test("All links of a route with several next hops are known")
    func severalHops() throws {
        try TestHost.with { host in
            let connection = try RouteConnection(in: host.namespace)
            for (name, address) in [("one", "192.0.2.2/24"), ("two", "198.51.100.2/24")] {
                try run(["ip", "link", "add", name, "type", "veth", "peer", "name", "far-\(name)"], in: host.namespace)
                try run(["ip", "addr", "add", address, "dev", name], in: host.namespace)
                try run(["ip", "link", "set", name, "up"], in: host.namespace)
            }
            try run(
                ["ip", "route", "add", "default", "nexthop", "via", "192.0.2.1", "nexthop", "via", "198.51.100.1"],
                in: host.namespace)
            let routes = try connection.routes(RouteFilter(family: .v4, table: .main, kind: .unicast))
            let route = try #require(routes.first { $0.destination.prefixLength == 0 })
            #expect(route.linkIndex == (try connection.link(named: "one").index))
            #expect(route.furtherLinkIndexes == [try connection.link(named: "two").index])
        }
    }
}
