// SPDX-License-Identifier: Apache-2.0
import Addressing
import Firewall
import VPC

/// SplitMix64: the same numbers for the same seed, everywhere.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var value = state
        value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
        value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
        return value ^ (value >> 31)
    }
}

/// Makes up groups, rules and flows. Out of few values, so that rules and flows often meet, and at their borders.
struct RandomVPC {
    var generator: SeededGenerator
    private var lastRule = 0

    static let groups = 1...6
    static let lists = 1...2
    /// Not all that there could be: one that is new takes the kernel longer than all the rest of a rule set.
    private static let combinations = [
        [], [1], [2], [5], [1, 2], [3, 4], [4, 6], [1, 3, 5], [2, 4, 6], [2, 3, 6],
    ]
    private static let ports = [1, 22, 79, 80, 81, 443, 1023, 1024, 65535]
    private static let blocks = [
        "0.0.0.0/0", "10.0.0.0/16", "10.0.1.0/24", "10.0.1.4/31", "10.0.2.1/32", "203.0.113.0/24", "203.0.113.9/32",
        "169.254.0.0/16", "::/0", "2001:db8::/48", "2001:db8:0:2::/64", "2001:db8:0:3::/127", "2001:db8:ffff::9/128",
        "fd00::/8",
    ]

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &generator) < percent }

    mutating func one<Value>(of values: [Value]) -> Value {
        values[Int.random(in: 0..<values.count, using: &generator)]
    }

    mutating func group(_ number: Int) throws -> SecurityGroup {
        let count = Int.random(in: 0...6, using: &generator)
        var rules = try (0..<count).map { _ in try rule() }
        // Most flows would be denied for want of anybody's egress rule, and nothing learnt of the others.
        if chance(60) { rules.append(rule(.egress, .all, try Sample.peer(one(of: ["0.0.0.0/0", "::/0"])))) }
        if chance(20) { rules.append(rule(.ingress, .all, try Sample.peer(one(of: ["0.0.0.0/0", "::/0"])))) }
        return Sample.group(number, rules)
    }

    mutating func list(_ number: Int) throws -> PrefixList {
        let count = Int.random(in: 0...4, using: &generator)
        return PrefixList(
            id: Sample.id("pl", number), name: "list\(number)",
            entries: try (0..<count).map { _ in
                PrefixList.Entry(block: try CIDRBlock(parsing: one(of: Self.blocks)))
            })
    }

    /// Those that an ENI or the host is in.
    mutating func groupIDs() -> [String] {
        one(of: Self.combinations).map { Sample.id("sg", $0) }
    }

    private mutating func rule(
        _ direction: SecurityGroupRule.Direction, _ ipProtocol: IPProtocol, _ peer: SecurityGroupRule.Peer
    ) -> SecurityGroupRule {
        lastRule += 1
        return Sample.rule(lastRule, direction, ipProtocol, nil, nil, peer)
    }

    private mutating func rule() throws -> SecurityGroupRule {
        lastRule += 1
        let direction: SecurityGroupRule.Direction = chance(50) ? .egress : .ingress
        let ipProtocol = one(of: [.all, .tcp, .udp, .icmp, .icmpv6, .other(50), .other(99)] as [IPProtocol])
        var (from, to): (Int?, Int?) = (nil, nil)
        if ipProtocol.hasPorts, chance(70) {
            let ports = [one(of: Self.ports), one(of: Self.ports)].sorted()
            (from, to) = chance(30) ? (ports[0], ports[0]) : (ports[0], ports[1])
        } else if ipProtocol.hasTypes, chance(60) {
            from = one(of: Self.types(ipProtocol))
            if chance(50) { to = one(of: [0, 1]) }
        }
        return Sample.rule(lastRule, direction, ipProtocol, from, to, try peer())
    }

    private mutating func peer() throws -> SecurityGroupRule.Peer {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<2: .prefixList(Sample.id("pl", one(of: Array(Self.lists))))
        case 2..<6: .group(Sample.id("sg", one(of: Array(Self.groups))))
        default: try Sample.peer(one(of: Self.blocks))
        }
    }

    /// Those that the kernel tracks without knowing of anything before them.
    private static func types(_ ipProtocol: IPProtocol) -> [Int] { ipProtocol == .icmp ? [8, 13] : [128] }

    /// With a source port or identifier that no other flow has.
    mutating func transport(_ family: IPFamily, unique: UInt16) -> (Packet.Transport, Flow.Transport) {
        let port = UInt16(one(of: Self.ports))
        switch Int.random(in: 0..<10, using: &generator) {
        case 0..<3:
            return (
                .tcp(source: unique, destination: port, flags: Packet.syn),
                .tcp(sourcePort: unique, destinationPort: port)
            )
        case 3..<6:
            return (.udp(source: unique, destination: port), .udp(sourcePort: unique, destinationPort: port))
        case 6..<9:
            let type = UInt8(one(of: Self.types(family == .v4 ? .icmp : .icmpv6)))
            let code = UInt8(one(of: [0, 1]))
            return (
                .icmp(type: type, code: code, id: unique),
                family == .v4 ? .icmp(type: type, code: code) : .icmpv6(type: type, code: code)
            )
        default:
            let number: UInt8 = one(of: [50, 99])
            return (.other(number), .other(number))
        }
    }
}
