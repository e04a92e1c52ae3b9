// SPDX-License-Identifier: Apache-2.0
import ControlClient
import Glibc
import SystemPackage
import VPC

/// What the daemon itself takes for a task that it runs: the network's part, as it traces it, in turns with the floor;
/// and what a user sees, from RunTask's call to the first packet of the task's container.
struct TaskBenchmark: Benchmark {
    static let name = "task"
    static let summary = "RunTask and StopTask: the network's part, and the time to a container's first packet"

    /// Rows, beside the floor's.
    enum Name {
        static let network = "tasknet RunTask, network"
        static let warmNetwork = "tasknet RunTask, network from the pool"
        static let kernel = "tasknet RunTask, network in the kernel"
        static let answer = "tasknet RunTask, answer"
        static let firstPacket = "tasknet RunTask, first packet"
        static let stopped = "tasknet StopTask, to STOPPED"
    }

    private let host: BenchHost
    private let options: RunOptions
    private var samples: Int { options.isQuick ? 3 : 60 }

    init(_ host: BenchHost, _ options: RunOptions) {
        self.host = host
        self.options = options
    }

    func run(into report: inout Report) throws {
        let daemon = try BenchDaemon(host)
        try daemon.start()
        defer { daemon.end() }
        try BenchTask.register(daemon, host)
        let floor = try FloorProcess(host.floorPrograms.appending("floor"))
        defer { floor.end() }
        let socket = try DatagramSocket(port: BenchTask.port)
        let floors = [
            FloorSubject(Catalogue.Name.coldFloor, floor, .cold, .drop),
            FloorSubject(Catalogue.Name.warmFloor, floor, .warm, .drop),
        ]
        for round in -1..<samples {
            for subject in floors {
                let times = (try subject.add(Slot(number: 0)), try subject.delete(Slot(number: 0)))
                _ = try subject.settle(to: 0)
                if round >= 0 { record(subject.name, times.0, times.1, into: &report) }
            }
            try measure(daemon, socket, isRecorded: round >= 0, into: &report)
        }
    }

    private func measure(
        _ daemon: BenchDaemon, _ socket: borrowing DatagramSocket, isRecorded: Bool, into report: inout Report
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
        report.add(
            gone.microseconds,
            .init(measured: Self.name, subject: Name.stopped, parameter: LatencyBenchmark.gone), unit: "µs")
        record(Name.answer, start.duration(to: answered), nil, into: &report)
        record(Name.firstPacket, start.duration(to: arrived), nil, into: &report)
        record(Name.stopped, nil, stopping.duration(to: stopped), into: &report)
        do {
            record(
                Name.network, try task.traced("network", of: "start", daemon),
                try task.traced("network.release", of: "stop", daemon), into: &report)
            record(Name.kernel, try task.traced("kernel", of: "start", daemon), nil, into: &report)
        } catch ControlError.refused(_, let refusal) where refusal.type == "UnknownOperationException" {
            report.remark("\(Name.network): this tasknetd has no DescribeTaskTrace")
        }
    }

    private func record(_ subject: String, _ add: Duration?, _ delete: Duration?, into report: inout Report) {
        for (parameter, time) in [("ADD", add), ("DEL", delete)] {
            guard let time else { continue }
            func key(_ subject: String) -> Report.Key {
                Report.Key(measured: Self.name, subject: subject, parameter: parameter)
            }
            let base = Catalogue.Name.coldFloor
            report.add(time.microseconds, key(subject), unit: "µs", over: subject == base ? nil : key(base))
        }
    }
}
