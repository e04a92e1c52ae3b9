// SPDX-License-Identifier: Apache-2.0
import Addressing
import Foundation
import Linux
import SystemPackage
import TestSupport
import Testing
import VPC

@testable import TaskNetworking

/// The path beside the floor (Benchmarks/floor.c), both in one run: a figure alone means nothing.
///
///     TASKNET_MEASURE=200 swift test --filter MeasureTests
@Suite(.requiresRoot, .enabled(if: ProcessInfo.processInfo.environment["TASKNET_MEASURE"] != nil))
struct MeasureTests {
    @Test func pathAndFloor() throws {
        let rounds = Int(ProcessInfo.processInfo.environment["TASKNET_MEASURE"] ?? "") ?? 200
        for families in [Sample.Families.ipv4, .dual] {
            try PathHost.with(subnets: [Self.subnet(families)]) { host in
                let floor = try Self.floor(host, rounds)
                let path = try Self.path(host, rounds, families)
                print("\(families): floor \(floor) µs, path \(path) µs, ratio \(path / floor)")
            }
        }
    }

    private static func subnet(_ families: Sample.Families) -> Subnet {
        Subnet(
            name: "wide", ipv4CIDRBlock: IPv4CIDRBlock("10.0.0.0/16"),
            ipv6CIDRBlock: families.hasIPv6 ? IPv6CIDRBlock("2001:db8:0:1::/64") : nil)
    }

    private static func floor(_ host: PathHost, _ rounds: Int) throws -> Double {
        let source = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(components: "..", "..", "..", "Benchmarks", "floor.c").path()
        let program = host.test.directory.appending("floor").string
        try run(["cc", "-O2", "-o", program, source])
        let result = try runJSON([program, "\(rounds)"])
        return result["total"]["medianMicroseconds"].number ?? 0
    }

    private static func path(_ host: PathHost, _ rounds: Int, _ families: Sample.Families) throws -> Double {
        var totals: [Double] = []
        var steps: [String: [Double]] = [:]
        var order: [String] = []
        let subnet = subnet(families)
        for round in 0..<rounds {
            var generator = SystemRandomNumberGenerator()
            let eni = NetworkInterface(
                in: subnet, ipv4Address: subnet.ipv4CIDRBlock?.address(at: UInt64(round + 5)),
                ipv6Address: subnet.ipv6CIDRBlock?.address(at: UInt128(round + 5)), using: &generator)
            let plan = try host.plan("task\(round)", eni) { $0.endpointAddresses = [] }
            let start = ContinuousClock.now
            let applied = try host.network.apply(plan)
            totals.append(microseconds(start.duration(to: .now)))
            if order.isEmpty { order = applied.steps.map(\.step) }
            for (name, step) in zip(order, applied.steps) {
                steps[name, default: []].append(microseconds(step.duration))
            }
        }
        for name in order { print("  \(name): \(median(steps[name] ?? []))") }
        return median(totals)
    }

    private static func microseconds(_ duration: Duration) -> Double {
        Double(duration.components.attoseconds) / 1e12 + Double(duration.components.seconds) * 1e6
    }

    private static func median(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.sorted()[values.count / 2]
    }
}
