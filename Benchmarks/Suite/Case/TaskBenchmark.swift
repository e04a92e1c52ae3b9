// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import Glibc
import JSON
import SystemPackage
import VPC

/// What the daemon itself takes for a task that it runs: the network's part, as it traces it, in turns with the floor;
/// and what a user sees, from RunTask's call to the first packet of the task's container.
///
/// Without the warm pool and with it, block by block, by a daemon that is started anew for each.
struct TaskBenchmark: Benchmark {
    static let name = "task"
    static let summary = "RunTask and StopTask: the network's part, and the time to a container's first packet"

    /// Rows, beside the floor's.
    enum Name {
        static func network(_ pool: Pool) -> String { "RunTask \(pool.rawValue), network" }
        static func kernel(_ pool: Pool) -> String { "RunTask \(pool.rawValue), of that in the kernel" }
        static func answer(_ pool: Pool) -> String { "RunTask \(pool.rawValue), answer" }
        static func firstPacket(_ pool: Pool) -> String { "RunTask \(pool.rawValue), first packet" }
        static func stopped(_ pool: Pool) -> String { "StopTask \(pool.rawValue), STOPPED" }
    }

    enum Pool: String, CaseIterable {
        case cold
        case warm

        var environment: [String] {
            switch self {
            case .cold: ["TASKNET_WARM_POOL_MINIMUM=0", "TASKNET_WARM_POOL_MAXIMUM=0"]
            case .warm: ["TASKNET_WARM_POOL_MINIMUM=4", "TASKNET_WARM_POOL_MAXIMUM=8"]
            }
        }
    }

    private let host: BenchHost
    private let options: RunOptions
    private var blocks: Int { options.isQuick ? 1 : 6 }
    private var samples: Int { options.isQuick ? 3 : 10 }

    init(_ host: BenchHost, _ options: RunOptions) {
        self.host = host
        self.options = options
    }

    func run(into report: inout Report) throws {
        let daemon = try BenchDaemon(host)
        let floor = try FloorProcess(host.floorPrograms.appending("floor"))
        defer { floor.end() }
        for _ in 0..<blocks {
            for pool in Pool.allCases {
                try daemon.start(environment: pool.environment)
                defer { daemon.end() }
                try BenchTask.register(daemon, host)
                try measure(pool, daemon, floor, into: &report)
            }
        }
    }

    private func measure(
        _ pool: Pool, _ daemon: BenchDaemon, _ floor: FloorProcess, into report: inout Report
    ) throws {
        let socket = try DatagramSocket(port: BenchTask.port)
        let floors = [
            FloorSubject(Catalogue.Name.coldFloor, floor, .cold, .drop),
            FloorSubject(Catalogue.Name.warmFloor, floor, .warm, .drop),
        ]
        // The first finds nothing in the caches.
        for sample in -1..<samples {
            for subject in floors {
                let times = (try subject.add(Slot(number: 0)), try subject.delete(Slot(number: 0)))
                _ = try subject.settle(to: 0)
                if sample >= 0 { record(subject.name, times.0, times.1, into: &report) }
            }
            guard try pool == .cold || waitUntilReady(daemon) else {
                return report.remark("RunTask \(pool.rawValue): this tasknetd has no warm pool")
            }
            try measure(pool, daemon, socket, isRecorded: sample >= 0, into: &report)
        }
    }

    /// - Returns: false where there is no pool.
    private func waitUntilReady(_ daemon: BenchDaemon) throws -> Bool {
        let deadline = ContinuousClock.now.advanced(by: .seconds(10))
        while let pool = try daemon.send("DescribeWarmPool", [:]) {
            if pool["ready"]?.integer ?? 0 > 1 { return true }
            guard ContinuousClock.now < deadline else {
                throw BenchFailure("the pool stays empty: \(pool.compactText)")
            }
            usleep(5000)
        }
        return false
    }

    private func measure(
        _ pool: Pool, _ daemon: BenchDaemon, _ socket: borrowing DatagramSocket, isRecorded: Bool,
        into report: inout Report
    ) throws {
        let links = try Room.own.linkCount()
        let start = ContinuousClock.now
        guard let task = try BenchTask.run(daemon).first else { return }
        let answered = ContinuousClock.now
        try socket.receive(within: .seconds(20))
        let arrived = ContinuousClock.now
        try task.wait(for: .running, daemon)
        usleep(5000)
        let stopping = ContinuousClock.now
        try task.stop(daemon)
        try task.wait(for: .stopped, daemon)
        let stopped = ContinuousClock.now
        let gone = try Room.own.settle(to: links)
        guard isRecorded else { return }
        record(Name.answer(pool), start.duration(to: answered), nil, into: &report)
        record(Name.firstPacket(pool), start.duration(to: arrived), nil, into: &report)
        record(Name.stopped(pool), nil, stopping.duration(to: stopped), gone: gone, into: &report)
        let times = try task.trace(daemon)
        record(
            Name.network(pool), try times.total("network", of: "start"), try times.total("network.release", of: "stop"),
            into: &report)
        record(Name.kernel(pool), try times.total("kernel", of: "start"), nil, into: &report)
    }

    private func record(
        _ subject: String, _ add: Duration?, _ delete: Duration?, gone: Duration? = nil, into report: inout Report
    ) {
        for (parameter, time) in [("ADD", add), ("DEL", delete), (LatencyBenchmark.gone, gone)] {
            guard let time else { continue }
            func key(_ subject: String) -> Report.Key {
                Report.Key(measured: Self.name, subject: subject, parameter: parameter)
            }
            let base = Catalogue.Name.coldFloor
            let hasBase = subject != base && parameter != LatencyBenchmark.gone
            report.add(time.microseconds, key(subject), unit: "µs", over: hasBase ? key(base) : nil)
        }
    }
}
