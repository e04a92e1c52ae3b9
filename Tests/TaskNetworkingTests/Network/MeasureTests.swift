// SPDX-License-Identifier: Apache-2.0
import Addressing
import Foundation
import Linux
import SystemPackage
import TestSupport
import Testing
import VPC

@testable import TaskNetworking

private let measuredRounds = ProcessInfo.processInfo.environment["TASKNET_MEASURE"].flatMap { Int($0) }

/// The path beside the floor (Benchmarks/Floor), both in one run: a figure alone means nothing.
///
///     TASKNET_MEASURE=200 swift test --filter MeasureTests
@Suite(.requiresRoot, .serialized, .enabled(if: measuredRounds != nil))
struct MeasureTests {
    @Test(arguments: [Sample.Families.ipv4, .dual])
    func pathAndFloor(families: Sample.Families) throws {
        try PathHost.with(subnets: [Self.subnet(families)]) { host in
            let rounds = measuredRounds ?? 200
            // The path first: the kernel takes the floor's namespaces apart after it has ended, and would disturb.
            let path = try Self.plans(host, rounds, families).map { try host.network.apply($0) }
            let low = try Self.floor(host, rounds)
            for (position, step) in (path.first?.steps ?? []).enumerated() {
                print("  \(step.step): \(Self.median(path.map { $0.steps[position].duration }))")
            }
            let high = Self.median(path.map(\.total))
            print("\(families): floor \(low) µs, path \(high) µs, ratio \(high / low)")
        }
    }

    /// From a namespace that was ready, for an ENI that is called as it is and for another, by turns with one that is made
    /// for the task.
    @Test(arguments: [Sample.Families.ipv4, .dual])
    func warmAndCold(families: Sample.Families) throws {
        try PathHost.with(subnets: [Self.subnet(families)]) { host in
            let rounds = measuredRounds ?? 200
            let ready = try (0..<2 * rounds).map { _ in try host.network.makeWarmNetwork(mtu: nil, withIPv6: true) }
            let identities = ready.prefix(rounds).map(\.identity)
            let plans = try Self.plans(host, 3 * rounds, families, named: identities)
            var (cold, named, renamed): ([AppliedNetwork], [AppliedNetwork], [AppliedNetwork]) = ([], [], [])
            for round in 0..<rounds {
                named.append(try host.network.apply(plans[round]) { _ in ready[round] })
                renamed.append(try host.network.apply(plans[rounds + round]) { _ in ready[rounds + round] })
                cold.append(try host.network.apply(plans[2 * rounds + round]))
            }
            let low = try Self.floor(host, rounds)
            for (position, step) in (named.first?.steps ?? []).enumerated() {
                let medians = [named, renamed, cold].map { Self.median($0.map { $0.steps[position].duration }) }
                print("  \(step.step): \(medians)")
            }
            let totals = [named, renamed, cold].map { Self.median($0.map(\.total)) }
            print(
                """
                \(families): floor \(low) µs; ready, ready and renamed, made: \(totals) µs, \(totals.map { $0 / low }) \
                of the floor
                """)
        }
    }

    @Test func manyTasks() throws {
        try PathHost.with(subnets: [Self.subnet(.dual)]) { host in
            let plans = try Self.plans(host, measuredRounds ?? 200, .dual)
            let clock = ContinuousClock()
            let made = try plans.map { try host.network.apply($0) }
            for (position, step) in (made.first?.steps ?? []).enumerated() {
                let durations = made.map { $0.steps[position].duration }
                print("  \(step.step): \(Self.median(durations.prefix(50))), \(Self.median(durations.suffix(50)))")
            }
            let totals = made.map(\.total)
            print(
                "  apply: the first \(Self.median(totals.prefix(50))) µs, the last \(Self.median(totals.suffix(50))) µs"
            )
            let check = try clock.measure {
                let drifts = try host.network.check(plans.map { CheckedPlan($0) })
                #expect(try !drifts.contains { try !$0.get().isEmpty })
            }
            print("  check: \(Self.microseconds(check) / Double(plans.count)) µs each")
            let again = try plans.map { plan in try clock.measure { _ = try host.network.apply(plan) } }
            print("  apply again: \(Self.median(again)) µs")
            let gone = plans.map { plan in clock.measure { _ = host.network.teardown(plan) } }
            print("  teardown: \(Self.median(gone)) µs")
            try host.untilHostLinks(are: [])
        }
    }

    private static func subnet(_ families: Sample.Families) -> Subnet {
        Subnet(
            name: "wide", ipv4CIDRBlock: IPv4CIDRBlock("10.0.0.0/16"),
            ipv6CIDRBlock: families.hasIPv6 ? IPv6CIDRBlock("2001:db8:0:1::/64") : nil)
    }

    private static func plans(
        _ host: PathHost, _ count: Int, _ families: Sample.Families, named identities: [WarmIdentity] = []
    ) throws -> [TaskNetworkPlan] {
        let subnet = subnet(families)
        return try (0..<count).map { number in
            var generator = SystemRandomNumberGenerator()
            var eni = NetworkInterface(
                in: subnet, ipv4Address: subnet.ipv4CIDRBlock?.address(at: UInt64(number + 5)),
                ipv6Address: subnet.ipv6CIDRBlock?.address(at: UInt128(number + 5)), using: &generator)
            if identities.indices.contains(number) {
                eni.id = identities[number].networkInterfaceID
                eni.macAddress = identities[number].macAddress
            }
            return try host.plan("task\(number)", eni) { $0.endpointAddresses = [] }
        }
    }

    /// Microseconds of one round.
    private static func floor(_ host: PathHost, _ rounds: Int) throws -> Double {
        let program = host.test.directory.appending("floor").string
        let source = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(components: "..", "..", "..", "Benchmarks", "Floor").path()
        try run(["sh", "-c", #"cc -O2 -pthread -o "$1" "$2"/*.c"#, "sh", program, source])
        return try runJSON([program, "\(rounds)"])["total"]["medianMicroseconds"].number ?? 0
    }

    private static func microseconds(_ duration: Duration) -> Double {
        Double(duration.components.attoseconds) / 1e12 + Double(duration.components.seconds) * 1e6
    }

    private static func median(_ durations: some Collection<Duration>) -> Double { median(durations.map(microseconds)) }

    private static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }
}
