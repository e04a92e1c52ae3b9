// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot)
struct NamespaceEventTests {
    /// What is there by now; all that a test does is told before it has done it.
    private static func all(_ events: NamespaceEvents) throws -> [NamespaceEvent] {
        var all: [NamespaceEvent] = []
        while case let more = try events.now(), !more.isEmpty { all += more }
        return all
    }

    @Test func whatIsTakenAwayInATasksNamespaceIsToldWithItsNumber() throws {
        let pair = try Pair()
        let events = try NamespaceEvents(of: .namespaceAndNumbered, in: pair.host)
        try pair.makeVeth()
        let id = try #require(try pair.onHost.namespaceID(of: pair.task))
        try run(["ip", "addr", "add", "10.0.1.5/24", "dev", "eth0"], in: pair.task)
        try run(["ip", "route", "add", "default", "via", "10.0.1.1"], in: pair.task)
        try run(["ip", "rule", "add", "from", "10.0.1.5", "table", "100", "pref", "77"], in: pair.task)
        #expect(try Self.all(events).contains { if case .link = $0 { false } else { true } } == false)

        try run(["ip", "route", "replace", "default", "via", "10.0.1.9"], in: pair.task)
        try run(["ip", "route", "del", "default"], in: pair.task)
        try run(["ip", "rule", "del", "pref", "77"], in: pair.task)
        try run(["ip", "addr", "del", "10.0.1.5/24", "dev", "eth0"], in: pair.task)
        try run(["ip", "link", "set", "eth0", "mtu", "1400"], in: pair.task)
        try run(["ip", "link", "set", "eth0", "down"], in: pair.task)
        let told = try Self.all(events)
        #expect(
            told.contains {
                guard case .routeReplaced(id, let route) = $0 else { return false }
                return "\(route)" == "default via 10.0.1.9 dev 102"
            })
        #expect(
            told.contains {
                if case .routeRemoved(id, let route) = $0 { route.destination.prefixLength == 0 } else { false }
            })
        #expect(told.contains { if case .ruleRemoved(id, let rule) = $0 { rule.priority == 77 } else { false } })
        #expect(
            told.contains {
                if case .addressRemoved(id, let address) = $0 { "\(address)" == "10.0.1.5/24 dev 102" } else { false }
            })
        let links = told.compactMap { event -> Link? in
            if case .link(id, let link, isRemoved: false) = event, link.name == "eth0" { link } else { nil }
        }
        #expect(links.count == 1, "only the last word about a link counts")
        #expect(links.first?.isUp == false)
        #expect(links.first?.mtu == 1400)
    }

    @Test func theHostsOwnHasNoNumberAlsoWhereItHasGivenItselfOne() throws {
        let pair = try Pair()
        #expect(try pair.onHost.makeNamespaceID(of: pair.host) >= 0)
        let events = try NamespaceEvents(of: .namespaceAndNumbered, in: pair.host)
        try pair.makeVeth()
        _ = try Self.all(events)
        try run(["ip", "link", "del", "tn-host"], in: pair.host)
        let removed = try Self.all(events).compactMap { event -> String? in
            guard case .link(let id, let link, isRemoved: true) = event else { return nil }
            return (id == nil ? "host " : "other ") + link.name
        }
        #expect(removed.sorted() == ["host tn-host", "other eth0"])
    }

    @Test func ofANamespaceAloneNothingIsToldOfOthers() throws {
        let pair = try Pair()
        try pair.makeVeth()
        let events = try NamespaceEvents(in: pair.host)
        try run(["ip", "link", "set", "eth0", "mtu", "1400"], in: pair.task)
        try run(["ip", "link", "set", "tn-host", "mtu", "1400"], in: pair.host)
        let names = try Self.all(events).map { event in
            if case .link(nil, let link, isRemoved: false) = event { link.name } else { "\(event)" }
        }
        #expect(names == ["tn-host"])
    }

    @Test func aNumberCanBeWishedForWhereNobodyHasIt() throws {
        let pair = try Pair()
        #expect(try pair.onHost.makeNamespaceID(of: pair.task, as: 77) == 77)
        #expect(try pair.onHost.makeNamespaceID(of: pair.task, as: 78) == 77, "it keeps the one that it has")
        let error = #expect(throws: NetlinkError.self) {
            try pair.onHost.makeNamespaceID(of: pair.host, as: 77)
        }
        #expect(error?.errno == .fileExists)
    }

    @Test func aNamespaceWithoutAVethIsToldAboutOnceItHasANumber() throws {
        let pair = try Pair()
        #expect(try pair.onHost.namespaceID(of: pair.task) == nil)
        let events = try NamespaceEvents(of: .namespaceAndNumbered, in: pair.host)
        try pair.inTask.apply(.createLink(LinkSpec(name: "eth0", kind: .bridge)))
        #expect(try Self.all(events) == [])
        let id = try pair.onHost.makeNamespaceID(of: pair.task)
        #expect(try pair.onHost.makeNamespaceID(of: pair.task) == id)
        #expect(try pair.onHost.namespaceID(of: pair.task) == id)
        try pair.inTask.apply(.deleteLink(.name("eth0")))
        let told = try Self.all(events)
        #expect(told.contains { if case .link(id, let link, true) = $0 { link.name == "eth0" } else { false } })
    }

    @Test(.timeLimit(.minutes(1))) func theEndOfANamespaceIsTold() async throws {
        let host = try NetworkNamespace.create()
        let events = try NamespaceEvents(of: .namespaceAndNumbered, in: host)
        let id = try RouteConnection(in: host).makeNamespaceID(of: .create())
        // The kernel takes it apart in its own time.
        while let told = try await events.next() {
            if told.contains(.namespaceEnded(id: id)) { return }
        }
        Issue.record("not told")
    }

    @Test func aSlowReaderIsToldThatEventsWereLost() throws {
        let pair = try Pair()
        try pair.makeVeth()
        let events = try NamespaceEvents(of: .namespaceAndNumbered, in: pair.host, receiveBuffer: 16 << 10)
        for number in 0..<60 {
            try pair.inTask.apply(.createLink(LinkSpec(name: "br\(number)", kind: .bridge)))
        }
        #expect(try Self.all(events).contains(.overflow))
        // And it goes on.
        try pair.inTask.apply(.deleteLink(.name("br3")))
        let told = try Self.all(events)
        #expect(told.contains { if case .link(_, let link, true) = $0 { link.name == "br3" } else { false } })
        #expect(!told.contains(.overflow))
    }

    @Test(.timeLimit(.minutes(1))) func whoWaitsIsToldAndCancellingEndsIt() async throws {
        let pair = try Pair()
        let events = try NamespaceEvents(of: .namespaceAndNumbered, in: pair.host)
        async let next = events.next()
        try pair.makeVeth()
        #expect(try await next?.isEmpty == false)
        let reader = Task { while try await events.next() != nil {} }
        reader.cancel()
        try await reader.value
        #expect(try await events.next() == nil)
    }

    @Test func whatATaskSendsIsNotBelieved() throws {
        let pair = try Pair()
        try pair.makeVeth()
        let events = try NamespaceEvents(of: .namespaceAndNumbered, in: pair.host)
        let program = """
            import socket, struct
            s = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
            s.bind((0, 0))
            body = struct.pack("=BBHiII", 0, 0, 1, 4242, 0, 0)
            s.sendto(struct.pack("=IHHII", 16 + len(body), 17, 0, 0, 0) + body, (0, 1))
            """
        try run(["python3", "-c", program], in: pair.task)
        let isBelieved = try Self.all(events).contains { event in
            if case .link(_, let link, _) = event { link.index == 4242 } else { false }
        }
        #expect(!isBelieved)
    }
}
