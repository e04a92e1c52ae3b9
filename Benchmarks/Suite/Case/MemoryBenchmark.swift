// SPDX-License-Identifier: Apache-2.0
import VPC

/// What the daemon takes of the machine: memory without a task and for each, and what it does when nothing happens.
struct MemoryBenchmark: Benchmark {
    static let name = "memory"
    static let summary = "the daemon's memory with no tasks and for each, and its wake-ups when idle"

    /// Rows.
    enum Name {
        static let daemon = "tasknetd"
        static let pause = "tasknet-pause"
        static let empty = "resident, without tasks"
        static let perTask = "resident, for each task"
        static let perSandbox = "resident, for each sandbox"
        static let wakeUps = "wake-ups"
        static let idle = "idle"
    }

    private let host: BenchHost
    private let options: RunOptions
    private var tasks: Int { options.isQuick ? 10 : 1000 }
    private var sandboxes: Int { options.isQuick ? 20 : 4000 }
    private var idleTime: Duration { options.isQuick ? .milliseconds(200) : .seconds(10) }

    init(_ host: BenchHost, _ options: RunOptions) {
        self.host = host
        self.options = options
    }

    func run(into report: inout Report) throws {
        let daemon = try BenchDaemon(host)
        try daemon.start()
        defer { daemon.end() }
        let links = try Room.own.linkCount()
        let empty = try rest(daemon)
        add(Double(empty.residentMemory), Name.daemon, Name.empty, "KiB", &report)
        add(Double(empty.ownMemory), Name.daemon, "own, without tasks", "KiB", &report)
        try watch(daemon, "without tasks", &report)
        try measureSandboxes(daemon, empty, &report)
        try Room.own.settle(to: links)
        try measureTasks(daemon, &report)
        try Room.own.settle(to: links)
    }

    private func measureSandboxes(_ daemon: BenchDaemon, _ empty: ProcessState, _ report: inout Report) throws {
        var crowd = try Crowd(SandboxSubject(daemon), first: 0, rest: options.rest)
        try crowd.grow(to: sandboxes, patience: .seconds(300))
        let full = try rest(daemon)
        add(
            Double(full.residentMemory - empty.residentMemory) / Double(crowd.count), Name.daemon, Name.perSandbox,
            "KiB", &report)
        try watch(daemon, "with \(crowd.count) sandboxes", &report)
        try crowd.leave()
    }

    private func measureTasks(_ daemon: BenchDaemon, _ report: inout Report) throws {
        try BenchTask.register(daemon, host)
        let before = try rest(daemon)
        let tasks = try BenchTask.runMany(self.tasks, daemon)
        let full = try rest(daemon)
        add(
            Double(full.residentMemory - before.residentMemory) / Double(tasks.count), Name.daemon, Name.perTask, "KiB",
            &report)
        for pid in try ProcessState.pids(named: "tasknet-pause").prefix(20) {
            add(Double(try ProcessState(pid).ownMemory), Name.pause, "own, of each process", "KiB", &report)
        }
        try watch(daemon, "with \(tasks.count) tasks", &report)
        try BenchTask.stopMany(tasks, daemon)
    }

    /// Looks at it when it has come to rest: no processor time for a while.
    private func rest(_ daemon: BenchDaemon) throws -> ProcessState {
        let deadline = ContinuousClock.now.advanced(by: .seconds(60))
        var last = try ProcessState(daemon.pid)
        while ContinuousClock.now < deadline {
            pause(options.isQuick ? .milliseconds(200) : .seconds(1))
            let state = try ProcessState(daemon.pid)
            if state.processorTime == last.processorTime { return state }
            last = state
        }
        return last
    }

    private func watch(_ daemon: BenchDaemon, _ parameter: String, _ report: inout Report) throws {
        let before = try ProcessState(daemon.pid)
        pause(idleTime)
        let after = try ProcessState(daemon.pid)
        let seconds = idleTime.seconds
        add(
            Double(after.wakeUps(since: before)) / seconds, Name.daemon, "\(Name.wakeUps), \(parameter)", "per s",
            &report)
        add(
            (after.processorTime - before.processorTime).microseconds / seconds, Name.daemon,
            "processor time, \(parameter)", "µs per s", &report)
    }

    private func add(_ value: Double, _ subject: String, _ parameter: String, _ unit: String, _ report: inout Report) {
        report.add(value, .init(measured: Self.name, subject: subject, parameter: parameter), unit: unit)
    }
}
