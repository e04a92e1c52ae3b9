// SPDX-License-Identifier: Apache-2.0
import Addressing
import Firewall
import Glibc
import Linux
import Netfilter
import Netlink
import TestSupport
import Testing
import VPC

/// Who sends and receives in a `VPCHost`.
enum Place: Hashable, CustomStringConvertible {
    case task(String)
    case host
    case outside

    var description: String {
        switch self {
        case .task(let name): name
        case .host: "host"
        case .outside: "outside"
        }
    }
}

/// Packets through a `VPCHost`, and what becomes of them. Nothing answers: tasks and the outside drop what comes, after
/// it was seen here.
final class Traffic {
    let host: VPCHost
    private var wires: [Place: Held] = [:]
    private let stack: HostStack
    private var number: UInt32 = 0

    /// A box, because dictionaries hold no noncopyable values.
    private final class Held {
        let wire: Wire
        init(_ wire: consuming Wire) { self.wire = wire }
    }

    init(_ host: VPCHost) throws {
        self.host = host
        stack = try HostStack(in: host.test.namespace, transports: [1, 6, 17, 50, 58, 99])
        let deaf = "table inet deaf { chain deaf { type filter hook prerouting priority -400; policy drop; }; }"
        for (name, task) in host.tasks {
            let links = try RouteConnection(in: task.namespace)
            let link = try links.link(named: "eth0")
            wires[.task(name)] = Held(
                try Wire(in: task.namespace, index: link.index, task.eni.macAddress, to: task.router))
            try Ruleset(in: task.namespace).apply(deaf)
        }
        let near = try host.links.link(named: "uplink")
        let far = try RouteConnection(in: host.outside).link(named: "eth0")
        wires[.outside] = Held(
            try Wire(
                in: host.outside, index: far.index, try #require(far.macAddress), to: try #require(near.macAddress)))
        try Ruleset(in: host.outside).apply(deaf)
        // Nor does it answer who has its addresses.
        for address in ["203.0.113.9", "2001:db8:ffff::9"] {
            try host.run(
                "ip neigh replace \(address) lladdr \(try #require(far.macAddress)) dev uplink nud permanent")
        }
    }

    /// A source port or identifier that no flow had: a connection that the kernel knows is not judged again.
    var nextPort: UInt16 { UInt16(2_000 + number % 60_000) }

    /// One packet to send, and who is to get it.
    struct Probe {
        var from: Place
        var to: Place
        var packet: Packet
        var isAllowed: Bool
    }

    func probe(
        _ from: Place, _ to: Place, _ source: IPAddress, _ destination: IPAddress, _ transport: Packet.Transport,
        isAllowed: Bool
    ) -> Probe {
        number += 1
        return Probe(
            from: from, to: to,
            packet: Packet(source: source, destination: destination, transport: transport, number: number),
            isAllowed: isAllowed)
    }

    /// Sends packets in order and compares what becomes of each with what is expected: those that are not have to be
    /// counted as dropped.
    ///
    /// - Returns: those that fared otherwise; and -1 times as many that nobody has seen again.
    func unexpected(_ probes: [Probe], seconds: Double = 5) throws -> [Probe] {
        let before = try drops()
        for probe in probes {
            if probe.from == .host {
                try stack.send(probe.packet)
            } else {
                try #require(wires[probe.from]).wire.send(probe.packet)
            }
        }
        var arrived: Set<UInt32> = []
        let expected = Set(probes.filter(\.isAllowed).map(\.packet.number))
        let places = Dictionary(probes.map { ($0.packet.number, $0.to) }) { first, _ in first }
        let denied = UInt64(probes.count - expected.count)
        let deadline = ContinuousClock.now.advanced(by: .seconds(seconds))
        while true {
            let dropped = try drops() - before
            for (place, held) in wires { arrived.formUnion(held.wire.received().filter { places[$0] == place }) }
            arrived.formUnion(stack.received().filter { places[$0] == .host })
            if expected.isSubset(of: arrived), dropped >= denied { break }
            if ContinuousClock.now >= deadline { break }
            usleep(200)  // the kernel's turn on this processor
        }
        return probes.filter { arrived.contains($0.packet.number) != $0.isAllowed }
    }

    /// All that was dropped so far, of anybody's.
    func drops() throws -> UInt64 {
        let counters = try host.firewall.counters()
        return counters.general.reduce(0) { $1.key == .established ? $0 : $0 + $1.value.packets }
            + counters.interfaces.values.reduce(0) {
                $0 + $1.spoofed.packets + $1.deniedEgress.packets + $1.deniedIngress.packets
            }
    }

    /// The numbers of the packets of ours that have come to a task or the outside since somebody has asked.
    func received(_ place: Place) -> [UInt32] { wires[place]?.wire.received() ?? [] }

    func wire<Result>(of place: Place, _ body: (borrowing Wire) throws -> Result) throws -> Result {
        try body(try #require(wires[place]).wire)
    }
}
