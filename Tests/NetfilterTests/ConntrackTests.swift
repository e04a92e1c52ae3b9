// SPDX-License-Identifier: Apache-2.0
import Addressing
import Glibc
import Linux
import SystemPackage
import TestSupport
import Testing

@testable import Netfilter

@Suite(.requiresRoot)
struct ConntrackTests {
    /// Two namespaces with a veth between them; the one that plays the host tracks connections.
    private struct Pair {
        let host: Filter
        let task: NetworkNamespace

        init() throws {
            host = try Filter(
                """
                table inet tasknet {
                    chain output {
                        type filter hook output priority 0
                        ct state new accept
                    }
                }
                """)
            task = try .create()
            try task.withRawDescriptor { raw in
                _ = try host.namespace.enter {
                    try run([
                        "ip", "link", "add", "host0", "type", "veth", "peer", "name", "task0", "netns",
                        "/proc/\(getpid())/fd/\(raw)",
                    ])
                }
            }
            for (namespace, link, number) in [(host.namespace, "host0", 1), (task, "task0", 2)] {
                try run(["ip", "addr", "add", "10.0.9.\(number)/24", "dev", link], in: namespace)
                try run(["ip", "addr", "add", "fd00::\(number)/64", "dev", link, "nodad"], in: namespace)
                try run(["ip", "link", "set", link, "up"], in: namespace)
            }
        }

        /// From the host to the task, with what a test of that family needs.
        func addresses(_ family: IPFamily) throws -> (IPAddress, IPAddress) {
            family == .v4 ? (try ip("10.0.9.1"), try ip("10.0.9.2")) : (try ip("fd00::1"), try ip("fd00::2"))
        }
    }

    @Test(arguments: IPFamily.allCases)
    func aRealConnectionIsListedFoundAndDeleted(family: IPFamily) throws {
        let pair = try Pair()
        let (from, to) = try pair.addresses(family)
        let listener = try pair.task.enter { try TCPSocket.listening(family) }
        let client = try pair.host.namespace.enter { try TCPSocket.connected(to, try listener.port()) }
        let connections = try pair.host.connection.trackedConnections(family) { $0.isTCP }
        #expect(connections.count == 1)
        let connection = try #require(connections.first)
        let ports = (try client.port(), try listener.port())
        let tuple = ConnectionTuple(from, to, .ports(6, source: ports.0, destination: ports.1))
        #expect(connection.original == tuple)
        #expect(connection.reply == ConnectionTuple(to, from, .ports(6, source: ports.1, destination: ports.0)))
        #expect(connection.status.isSuperset(of: [.seenReply, .assured, .confirmed]))
        #expect(connection.status.isDisjoint(with: [.sourceNAT, .destinationNAT]))
        #expect(connection.zone == 0)
        #expect(connection.timeout > 0)

        let other = family == .v4 ? IPFamily.v6 : .v4
        #expect(try pair.host.connection.trackedConnections(other) { $0.isTCP }.isEmpty)
        #expect(try pair.host.connection.trackedConnections { $0.isTCP }.count == 1)
        #expect(try pair.host.connection.trackedConnection(tuple)?.id == connection.id)
        #expect(try pair.host.connection.trackedConnection(connection.reply)?.id == connection.id)
        #expect(try pair.host.connection.trackedConnection(tuple, zone: 5) == nil)

        try pair.host.connection.delete(connection)
        #expect(try pair.host.connection.trackedConnection(tuple) == nil)
        #expect(try pair.host.connection.trackedConnections { $0.isTCP }.isEmpty)
        try pair.host.connection.delete(connection)
    }

    @Test(arguments: IPFamily.allCases)
    func pingsAreConnectionsToo(family: IPFamily) throws {
        let pair = try Pair()
        let (from, to) = try pair.addresses(family)
        try run(["ping", "-c", "1", "-W", "5", "\(to)"], in: pair.host.namespace)
        let number: UInt8 = family == .v4 ? 1 : 58
        let types: (UInt8, UInt8) = family == .v4 ? (8, 0) : (128, 129)
        let found = try pair.host.connection.trackedConnections {
            if case .icmp(_, type: types.0, code: 0, id: _) = $0.original.transport { true } else { false }
        }
        let connection = try #require(found.first)
        guard case .icmp(number, type: _, code: _, let id) = connection.original.transport else {
            Issue.record("\(connection.original)")
            return
        }
        #expect(connection.original == ConnectionTuple(from, to, .icmp(number, type: types.0, code: 0, id: id)))
        #expect(connection.reply == ConnectionTuple(to, from, .icmp(number, type: types.1, code: 0, id: id)))
        #expect(!connection.isTCP)
        #expect(try pair.host.connection.trackedConnection(connection.original)?.id == connection.id)
        try pair.host.connection.delete(connection)
        #expect(try pair.host.connection.trackedConnection(connection.original) == nil)
    }

    @Test func zonesKeepConnectionsApart() throws {
        let pair = try Pair()
        try pair.host.rules.apply(
            """
            table inet tasknet {
                chain early {
                    type filter hook output priority raw
                    ip daddr 10.0.9.2 udp dport 1000 ct zone set 7
                    ip daddr 10.0.9.2 udp dport 2000 ct original zone set 8
                }
            }
            """)
        let (from, to) = try pair.addresses(.v4)
        for port: UInt16 in [1000, 2000] {
            try pair.host.namespace.enter { try UDPSocket.send(to, port) }
        }
        let found = try pair.host.connection.trackedConnections(.v4) { $0.original.transport.number == 17 }
        #expect(found.count == 2)
        let whole = try #require(found.first { $0.zone == 7 })
        let half = try #require(found.first { $0.original.zone == 8 })
        #expect(whole.original.source == from)
        #expect(!whole.status.contains(.seenReply))
        #expect(half.zone == 0)
        #expect(try pair.host.connection.trackedConnection(whole.original) == nil)
        #expect(try pair.host.connection.trackedConnection(whole.original, zone: 7)?.id == whole.id)
        for connection in found { try pair.host.connection.delete(connection) }
        #expect(try pair.host.connection.trackedConnections(.v4) { $0.original.transport.number == 17 }.isEmpty)
    }

    /// Whoever has an address next is not to inherit what is said to it, and the others keep theirs.
    @Test(arguments: [(IPFamily.v4, false), (.v4, true), (.v6, false)])
    func whatAnAddressIsAPartyOf(family: IPFamily, asOldKernelsDo: Bool) throws {
        let pair = try Pair()
        let (from, to) = try pair.addresses(family)
        let other = try ip(family == .v4 ? "10.0.9.77" : "fd00::77")
        let word = family == .v4 ? "ip" : "ip6"
        try pair.host.rules.apply(
            """
            table inet tasknet {
                chain early {
                    type filter hook output priority raw
                    \(word) daddr \(to) udp dport 1 ct zone set 7
                    \(word) daddr \(to) udp dport 2 ct original zone set 8
                }
                chain translate {
                    type nat hook output priority -100
                    \(word) daddr \(other) udp dport 4 dnat to \(to)
                }
            }
            """)
        for port: UInt16 in 1...3 { try pair.host.namespace.enter { try UDPSocket.send(to, port) } }
        for port: UInt16 in 4...5 { try pair.host.namespace.enter { try UDPSocket.send(other, port) } }
        func ports() throws -> [UInt16] {
            try pair.host.connection.trackedConnections(family).compactMap { connection in
                guard case .ports(17, source: _, let port) = connection.original.transport else { return nil }
                return port
            }.sorted()
        }
        func delete(_ address: IPAddress) throws {
            if asOldKernelsDo {
                for party in NetfilterConnection.Party.allCases {
                    try pair.host.connection.deleteOneByOne(party, address)
                }
            } else {
                try pair.host.connection.deleteConnections(of: [address])
            }
        }
        #expect(try ports() == [1, 2, 3, 4, 5])
        try delete(try ip(family == .v4 ? "10.0.9.3" : "fd00::3"))
        #expect(try ports() == [1, 2, 3, 4, 5])
        try delete(to)
        #expect(try ports() == [5])
        try delete(from)
        #expect(try ports() == [])
        try delete(from)
    }

    @Test func aTupleHasOneFamily() throws {
        let connection = try NetfilterConnection(in: .create())
        let tuple = ConnectionTuple(try ip("10.0.0.1"), try ip("fd00::1"), .other(47))
        #expect(refusal { _ = try connection.trackedConnection(tuple) }?.errno == .invalidArgument)
        #expect(try connection.trackedConnections().isEmpty)
    }
}
