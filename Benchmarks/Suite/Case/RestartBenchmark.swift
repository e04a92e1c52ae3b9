// SPDX-License-Identifier: Apache-2.0
import ControlClient
import ECSAPI
import ECSClient
import Glibc
import SystemPackage
import VPC

/// What a restart of the daemon costs while many tasks run, while a datagram goes to one of them and back every 2 ms.
/// Checked as well: no datagram is lost, and the tasks' processes are the same as before.
struct RestartBenchmark: Benchmark {
    static let name = "restart"
    static let summary = "a restart with 1,000 tasks: time to the first answers, and what packets notice"

    /// Rows.
    enum Name {
        static let described = "answer to DescribeTasks"
        static let ran = "answer to RunTask"
        static let settled = "come to rest"
    }

    private let host: BenchHost
    private let options: RunOptions
    private var tasks: Int { options.isQuick ? 5 : 1000 }
    private var rounds: Int { options.isQuick ? 1 : 3 }

    init(_ host: BenchHost, _ options: RunOptions) {
        self.host = host
        self.options = options
    }

    func run(into report: inout Report) throws {
        let daemon = try BenchDaemon(host)
        try daemon.start()
        defer { daemon.end() }
        let links = try Room.own.linkCount()
        try BenchTask.register(daemon, host)
        try BenchTask.registerEcho(daemon, host)
        guard let echo = try BenchTask.run(daemon, BenchTask.echoFamily).first else { return }
        try echo.wait(for: .running, daemon)
        var tasks = [echo] + (try BenchTask.runMany(self.tasks - 1, beside: 1, daemon))
        let address = try echo.address(daemon)
        for _ in 0..<rounds { tasks.append(try restart(daemon, echo, address, tasks.count, into: &report)) }
        try BenchTask.stopMany(tasks, daemon)
        try Room.own.settle(to: links)
    }

    /// - Returns: the task that was run by the new daemon.
    private func restart(
        _ daemon: BenchDaemon, _ echo: BenchTask, _ address: String, _ count: Int, into report: inout Report
    ) throws -> BenchTask {
        let processes = Set(try ProcessState.pids(named: "tasknet-pause"))
        let sender = try RunningProgram(
            host.floorPrograms.appending("packets"), ["datagrams", address, String(BenchTask.port)], in: nil)
        defer { sender.kill() }
        try sender.waitUntilReady()
        usleep(500_000)
        try daemon.stop()
        let start = ContinuousClock.now
        let socket = try daemon.launch()
        try daemon.untilAnswered { _ = try daemon.client.call(DescribeTasks.self, .init(tasks: [echo.arn])) }
        add(start.duration(to: .now), Name.described, count, try daemon.pid, &report)
        var task: BenchTask?
        try daemon.untilAnswered { task = try BenchTask.run(daemon).first }
        add(start.duration(to: .now), Name.ran, count, try daemon.pid, &report)
        try rest(daemon)
        add(start.duration(to: .now), Name.settled, count, try daemon.pid, &report)
        let memory = try ProcessState(daemon.pid).residentMemory
        report.add(Double(memory), key("resident memory", count), unit: "KiB")
        try check(try sender.finish(by: SIGTERM), processes, count, into: &report)
        try BenchTask.waitUntilRunning(count + 1, daemon)
        _ = consume socket
        guard let task else { throw BenchFailure("RunTask ran no task") }
        return task
    }

    private func key(_ subject: String, _ count: Int) -> Report.Key {
        Report.Key(measured: Self.name, subject: subject, parameter: "\(tasks) tasks")
    }

    private func add(
        _ time: Duration, _ subject: String, _ count: Int, _ pid: CInt, _ report: inout Report
    ) {
        report.add(time.microseconds / 1000, key(subject, count), unit: "ms")
        if let used = try? ProcessorClock.of(pid) {
            report.add(used.microseconds / 1000, key("\(subject), processor time", count), unit: "ms")
        }
    }

    /// Until it takes no more processor time than one tenth.
    private func rest(_ daemon: BenchDaemon) throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(120))
        var last = Duration.zero
        while ContinuousClock.now < deadline {
            let used = try ProcessorClock.of(daemon.pid)
            if used - last < .milliseconds(100) { return }
            last = used
            pause(.seconds(1))
        }
    }

    private func check(
        _ counts: String, _ processes: Set<CInt>, _ count: Int, into report: inout Report
    ) throws {
        let numbers = counts.split(whereSeparator: \.isWhitespace).compactMap { Int($0) }
        guard numbers.count == 2 else { throw BenchFailure("packets datagrams: \(counts)") }
        report.add(Double(numbers[0] - numbers[1]), key("lost datagrams", count), unit: "")
        guard processes.isSubset(of: try ProcessState.pids(named: "tasknet-pause")) else {
            throw BenchFailure("a restart of the daemon has ended tasks' processes")
        }
    }
}
