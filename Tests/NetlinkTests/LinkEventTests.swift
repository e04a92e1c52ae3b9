// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import SystemPackage
import TestSupport
import Testing

@Suite(.requiresRoot)
struct LinkEventTests {
    /// Long enough for any machine; no test waits for it unless it fails.
    private static var deadline: ContinuousClock.Instant { .now + .seconds(30) }

    /// Reads until a link has changed to what it should be.
    private static func change(_ events: LinkEvents, _ isWanted: (Link) -> Bool) throws -> Link? {
        let deadline = deadline
        while let event = try events.next(until: deadline) {
            if case .changed(let link) = event, isWanted(link) { return link }
        }
        return nil
    }

    /// Reads until a link is gone.
    private static func removal(_ events: LinkEvents, _ isWanted: (Link) -> Bool) throws -> Link? {
        let deadline = deadline
        while let event = try events.next(until: deadline) {
            if case .removed(let link) = event, isWanted(link) { return link }
        }
        return nil
    }

    @Test func aLinkComesChangesAndGoes() throws {
        let namespace = try NetworkNamespace.create()
        let events = try LinkEvents(in: namespace)
        #expect(try events.next(until: .now) == nil)
        try run(["ip", "link", "add", "left", "type", "veth", "peer", "name", "right"], in: namespace)
        let left = try #require(try Self.change(events) { $0.name == "left" })
        #expect(left.kind == .veth)
        #expect(!left.isUp)

        try run(["ip", "link", "set", "left", "address", "0a:00:00:00:00:07", "up"], in: namespace)
        let changed = try #require(try Self.change(events) { $0.isUp })
        #expect(changed.index == left.index)
        #expect(changed.macAddress == (try mac("0a:00:00:00:00:07")))

        try run(["ip", "link", "del", "left"], in: namespace)
        #expect(try Self.removal(events) { $0.name == "left" } != nil)
    }

    @Test func removalsAloneAreTold() throws {
        let namespace = try NetworkNamespace.create()
        let events = try LinkEvents(in: namespace, onlyRemovals: true)
        try run(["ip", "link", "add", "left", "type", "veth", "peer", "name", "right"], in: namespace)
        try run(["ip", "link", "set", "left", "up"], in: namespace)
        #expect(try events.next(until: .now) == nil)
        try run(["ip", "link", "del", "left"], in: namespace)
        var gone: Set<String> = []
        while let event = try events.next(until: .now) {
            guard case .removed(let link) = event else { continue }
            gone.insert(link.name)
        }
        #expect(gone == ["left", "right"])
    }

    @Test func aLinkThatMovesInIsSeenAndOutIsRemoved() throws {
        let pair = try Pair()
        let inTask = try LinkEvents(in: pair.task)
        let onHost = try LinkEvents(in: pair.host)
        try pair.onHost.apply(.createLink(LinkSpec(name: "left", kind: .veth(peer: PeerSpec(name: "right")))))
        let index = try pair.onHost.link(named: "left").index
        try pair.onHost.apply(.changeLink(.index(index), LinkChange(name: "eth0", namespace: pair.task)))
        #expect(try Self.change(inTask) { $0.name == "eth0" } != nil)
        #expect(try Self.removal(onHost) { $0.index == index } != nil)
    }

    @Test func eventsAreAwaitedWithoutAThread() async throws {
        // More readers than there are threads to wait on.
        let namespaces = try (0..<16).map { _ in try NetworkNamespace.create() }
        try await withThrowingTaskGroup(of: String?.self) { group in
            for namespace in namespaces {
                let events = try LinkEvents(in: namespace)
                group.addTask {
                    for try await event in events {
                        if case .changed(let link) = event { return link.name }
                    }
                    return nil
                }
            }
            for namespace in namespaces {
                try RouteConnection(in: namespace).apply(.createLink(LinkSpec(name: "br0", kind: .bridge)))
            }
            for try await name in group { #expect(name == "br0") }
        }
    }

    @Test func cancellationEndsTheSequenceAndClosesTheSocket() async throws {
        let events = try LinkEvents(in: .create())
        let reading = Task {
            var count = 0
            for try await _ in events { count += 1 }
            return count
        }
        reading.cancel()
        #expect(try await reading.value == 0)
        #expect(try events.next(until: nil) == nil, "closed, so that this does not wait for ever")
    }

    @Test func aSlowReaderIsToldThatEventsWereLost() throws {
        let namespace = try NetworkNamespace.create()
        let events = try LinkEvents(in: namespace, receiveBuffer: 16 << 10)
        let connection = try RouteConnection(in: namespace)
        for number in 0..<60 {
            try connection.apply(.createLink(LinkSpec(name: "br\(number)", kind: .bridge)))
        }
        var isLost = false
        while !isLost, let event = try events.next(until: .now) { isLost = event == .overflow }
        #expect(isLost)
        // And it goes on.
        while try events.next(until: .now) != nil {}
        try connection.apply(.changeLink(.name("br3"), LinkChange(isUp: true)))
        #expect(try Self.change(events) { $0.name == "br3" && $0.isUp } != nil)
    }

    @Test func aBridgesWordAboutItsPortIsNoRemoval() throws {
        let namespace = try NetworkNamespace.create()
        let connection = try RouteConnection(in: namespace)
        try connection.apply([
            .createLink(LinkSpec(name: "br0", kind: .bridge)),
            .createLink(LinkSpec(name: "left", kind: .veth(peer: PeerSpec(name: "right")))),
        ])
        let bridge = try connection.link(named: "br0").index
        let events = try LinkEvents(in: namespace)
        try connection.apply(.changeLink(.name("left"), LinkChange(master: bridge)))
        #expect(try connection.link(named: "left").master == bridge)
        try connection.apply(.changeLink(.name("left"), LinkChange(alias: "free", master: 0)))
        #expect(try connection.link(named: "left").master == nil)
        var seen: [LinkEvent] = []
        while let event = try events.next(until: .now) { seen.append(event) }
        #expect(!seen.isEmpty)
        #expect(!seen.contains { if case .removed = $0 { true } else { false } })
    }
}
