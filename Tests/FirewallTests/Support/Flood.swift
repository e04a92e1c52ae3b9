// SPDX-License-Identifier: Apache-2.0
import Addressing
import Foundation
import Linux
import Netlink
import Synchronization
import Testing
import VPC

/// First packets of connections, without a pause, from one task to another, on a thread of their own: every second one
/// to a port that is always open, the others to one that never is.
final class Flood: Sendable {
    static let open: UInt16 = 9
    static let closed: UInt16 = 10

    private struct Counts {
        var isStopped = false
        var hasEnded = false
        var sent: UInt32 = 0
        var received: Set<UInt32> = []
    }

    private let counts = Mutex(Counts())

    /// Runs a body with the flood going on.
    ///
    /// - Returns: how many packets to the open port were not let through, how many to the closed one were, and how many
    ///   there were in all.
    static func during(
        _ host: VPCHost, from: VPCHost.Task, to: VPCHost.Task, _ body: () throws -> Void
    ) throws -> (refused: Int, admitted: Int, all: Int) {
        let flood = Flood()
        try flood.start(from, to)
        defer { flood.stop() }
        try body()
        flood.stop()
        return flood.counts.withLock { counts in
            let odd = counts.received.count { $0 % 2 == 1 }
            return (Int(counts.sent / 2) - (counts.received.count - odd), odd, Int(counts.sent))
        }
    }

    private func start(_ from: VPCHost.Task, _ to: VPCHost.Task) throws {
        let sending = try Self.wire(from)
        let receiving = try Self.wire(to)
        let source = try #require(from.eni.primaryIPv4)
        let destination = try #require(to.eni.primaryIPv4)
        let ends = Ends(sending: sending, receiving: receiving)
        Thread.detachNewThread {
            while !self.counts.withLock(\.isStopped) {
                for isOpen in [true, false] { self.send(ends, source, destination, isOpen: isOpen) }
                self.receive(ends)
                usleep(20)
            }
            let deadline = ContinuousClock.now.advanced(by: .seconds(5))
            while !self.isComplete, ContinuousClock.now < deadline {
                self.receive(ends)
                usleep(200)
            }
            self.counts.withLock { $0.hasEnded = true }
        }
    }

    private func stop() {
        counts.withLock { $0.isStopped = true }
        while !counts.withLock(\.hasEnded) { usleep(1_000) }
    }

    private final class Ends: Sendable {
        let sending, receiving: Wire

        init(sending: consuming Wire, receiving: consuming Wire) {
            self.sending = sending
            self.receiving = receiving
        }
    }

    private static func wire(_ task: VPCHost.Task) throws -> Wire {
        let link = try RouteConnection(in: task.namespace).link(named: "eth0")
        return try Wire(in: task.namespace, index: link.index, task.eni.macAddress, to: task.router)
    }

    private var isComplete: Bool {
        counts.withLock { counts in counts.received.count { $0 % 2 == 0 } >= counts.sent / 2 }
    }

    private func send(_ ends: Ends, _ source: IPv4Address, _ destination: IPv4Address, isOpen: Bool) {
        let number = counts.withLock { counts in
            counts.sent += 1
            return counts.sent - 1
        }
        let packet = Packet(
            source: .v4(source), destination: .v4(destination),
            transport: .udp(
                source: UInt16(truncatingIfNeeded: number), destination: isOpen ? Self.open : Self.closed),
            number: number)
        do {
            try ends.sending.send(packet)
        } catch {
            counts.withLock { $0.sent -= 1 }
        }
    }

    private func receive(_ ends: Ends) {
        let numbers = ends.receiving.received()
        counts.withLock { $0.received.formUnion(numbers) }
    }
}
