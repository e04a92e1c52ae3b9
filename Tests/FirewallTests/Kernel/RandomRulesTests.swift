// SPDX-License-Identifier: Apache-2.0
import Addressing
import Firewall
import Foundation
import TestSupport
import Testing
import VPC

/// The model's verdict against the kernel's.
@Suite(.requiresRoot) struct RandomRulesTests {
    private static let ruleSets = 2_000
    private static let flowsInEach = 8

    /// `TASKNET_SEED` repeats a run.
    @Test func twoThousandRuleSets() throws {
        let seed =
            ProcessInfo.processInfo.environment["TASKNET_SEED"].flatMap { UInt64($0) }
            ?? UInt64.random(in: 0...UInt64.max)
        print("seed \(seed)")
        var random = RandomVPC(seed: seed)
        try VPCHost.with { host in
            try makeTasks(host, &random)
            let traffic = try Traffic(host)
            var allowed = 0
            // Without ports the kernel cannot tell two flows between the same two apart.
            var pairs: Set<[IPAddress]> = []
            for number in 0..<Self.ruleSets {
                if number % 50 == 0 {
                    try applyAnew(host, &random)
                    try host.firewall.end(try host.firewall.trackedConnections())
                    pairs = []
                } else {
                    try changeSome(host, &random)
                }
                let model = try host.model()
                let probes = try flows(host, traffic, model, &pairs, &random)
                allowed += probes.count { $0.isAllowed }
                let unexpected = try traffic.unexpected(probes)
                for probe in unexpected {
                    Issue.record(
                        """
                        rule set \(number) of seed \(seed): \(probe.from) to \(probe.to), \(probe.packet): the model says \
                        \(probe.isAllowed ? "allowed" : "denied"), the kernel not
                        """)
                }
                if !unexpected.isEmpty { return }
                if number % 100 == 99 { #expect(try host.firewall.check(host.state) == [], "seed \(seed)") }
            }
            // Neither of the two by default.
            let all = Self.ruleSets * Self.flowsInEach
            #expect(allowed > all / 10 && allowed < all * 9 / 10, "\(allowed) of \(all) flows were allowed")
        }
    }

    private func makeTasks(_ host: VPCHost, _ random: inout RandomVPC) throws {
        host.state.securityGroups = try RandomVPC.groups.map { try random.group($0) }
        host.state.prefixLists = try RandomVPC.lists.map { try random.list($0) }
        try host.firewall.apply(host.state)
        for (name, subnet) in [("a", 1), ("b", 1), ("c", 2), ("d", 2), ("e", 3), ("f", 3)] {
            try host.addTask(name, subnet: subnet, groups: random.groupIDs())
        }
    }

    private func applyAnew(_ host: VPCHost, _ random: inout RandomVPC) throws {
        host.state.securityGroups = try RandomVPC.groups.map { try random.group($0) }
        host.state.prefixLists = try RandomVPC.lists.map { try random.list($0) }
        host.state.host.securityGroupIDs = random.groupIDs()
        host.state.blocksInstanceMetadata = random.chance(50)
        try host.firewall.apply(host.state)
    }

    private func changeSome(_ host: VPCHost, _ random: inout RandomVPC) throws {
        let number = Int.random(in: 0..<host.state.securityGroups.count, using: &random.generator)
        let group = try random.group(number + 1)
        try host.firewall.put(group)
        host.state.securityGroups[number] = group
        let names = host.tasks.keys.sorted()
        try host.move(random.one(of: names), to: random.groupIDs())
        guard random.chance(20) else { return }
        let place = Int.random(in: 0..<host.state.prefixLists.count, using: &random.generator)
        let list = try random.list(place + 1)
        try host.firewall.put(list)
        host.state.prefixLists[place] = list
    }

    private func flows(
        _ host: VPCHost, _ traffic: Traffic, _ model: VPCNetwork, _ pairs: inout Set<[IPAddress]>,
        _ random: inout RandomVPC
    ) throws -> [Traffic.Probe] {
        var probes: [Traffic.Probe] = []
        while probes.count < Self.flowsInEach {
            let family: IPFamily = random.chance(50) ? .v4 : .v6
            let (from, source) = try end(host, family, isSource: true, &random)
            let (to, destination) = try end(host, family, isSource: false, &random)
            if from == to || !from.isTask && !to.isTask { continue }
            let (packet, flow) = random.transport(family, unique: traffic.nextPort)
            // Behind the NAT gateway all tasks are one, and what comes from outside may answer one of them.
            let ends =
                to == .outside ? [destination] : from == .outside ? [source] : [source, destination].sorted()
            if case .other = flow, !pairs.insert(ends).inserted { continue }
            let judgement = model.judge(Flow(source: source, destination: destination, transport: flow))
            probes.append(
                traffic.probe(from, to, source, destination, packet, isAllowed: judgement.verdict == .allowed))
        }
        return probes
    }

    private func end(
        _ host: VPCHost, _ family: IPFamily, isSource: Bool, _ random: inout RandomVPC
    ) throws -> (Place, IPAddress) {
        let isV4 = family == .v4
        switch Int.random(in: 0..<10, using: &random.generator) {
        case 0..<6:
            let name = random.one(of: host.tasks.keys.sorted())
            let addresses = try host.task(name).eni.addresses.filter { $0.family == family }
            return (.task(name), try #require(addresses.first))
        case 6..<8:
            let addresses = host.state.host.addresses.filter { $0.family == family }
            let uplink = try IPAddress(parsing: isV4 ? "203.0.113.1" : "2001:db8:ffff::1")
            return (.host, random.one(of: addresses + [uplink]))
        default:
            let own = isV4 ? "203.0.113.9" : "2001:db8:ffff::9"
            // Reached by the default route, all of them: the last two should not be.
            let others = isV4 ? ["198.51.100.7", "10.0.77.1", "169.254.169.254"] : ["2001:db8:9::7", "fd00:ec2::254"]
            return (.outside, try IPAddress(parsing: isSource ? own : random.one(of: [own] + others)))
        }
    }
}

extension Place {
    fileprivate var isTask: Bool { if case .task = self { true } else { false } }
}
