// SPDX-License-Identifier: Apache-2.0
import Glibc
import Synchronization
import VPC

/// Many networks in one go, by several workers at once: how many a second, and what processor time each takes.
///
/// A subject that is slow makes fewer: as many as it can in a time that is the same for all, and in the first round only.
/// Removed are all that were made, and then the kernel is let finish.
struct ManyBenchmark: Benchmark {
    static let name = "many"
    static let summary = "1,000 networks by 1, 2 and 8 workers: networks a second, processor time for each"

    private let host: BenchHost
    private let options: RunOptions
    private var count: Int { options.isQuick ? 10 : 1000 }
    private var rounds: Int { options.isQuick ? 1 : 3 }
    static let workers = [1, 2, 8]
    private var workers: [Int] { options.isQuick ? [2] : Self.workers }
    private static let patience = Duration.seconds(10)
    static let tasks = "tasknet RunTask, with processes"
    static let processorTime = "processor time of one network"
    static func parameter(_ command: String, _ workers: Int) -> String { "\(command), \(workers) workers" }

    init(_ host: BenchHost, _ options: RunOptions) {
        self.host = host
        self.options = options
    }

    func run(into report: inout Report) throws {
        let daemon = try BenchDaemon(host)
        try daemon.start()
        defer { daemon.end() }
        var catalogue = try Catalogue(host, options)
        defer { catalogue.end() }
        try catalogue.addTasknet(daemon)
        catalogue.add(SandboxSubject(daemon))
        try catalogue.addDropIns()
        for directory in options.plugins { try catalogue.addECS(in: directory) }
        try catalogue.addPeers()
        let clock = ProcessorClock(daemon: try daemon.pid)
        var first = 0
        try BenchTask.register(daemon, host)
        var slow: Set<String> = []
        for round in 0..<rounds {
            for workers in workers {
                try measure(catalogue.floor, workers, into: &report)
                for entry in catalogue.entries where round == 0 || !slow.contains(entry.subject.name) {
                    if try measure(entry.subject, first, workers, clock, into: &report) < count {
                        slow.insert(entry.subject.name)
                    }
                    first += count
                }
                try measureTasks(daemon, workers, clock, into: &report)
            }
        }
    }

    private func measure(_ floor: FloorProcess, _ workers: Int, into report: inout Report) throws {
        // One after the other they are deleted at a rate of some tens a second: fewer tell as much.
        let floors: [(String, FloorProcess.Kind, FloorProcess.Method, Int)] = [
            (Catalogue.Name.coldFloor, .cold, .drop, count), (Catalogue.Name.warmFloor, .warm, .drop, count),
            (Catalogue.Name.groupFloor, .cold, .group, count),
            (Catalogue.Name.deletionFloor, .cold, .dellink, min(count, 100)),
        ]
        for (name, kind, method, count) in floors {
            let add = try floor.add(kind, count: count, workers: workers)
            let delete = try floor.delete(method, count: count, workers: workers)
            _ = try floor.settle()
            record(Double(count) / add.seconds, "ADD", name, workers, into: &report)
            record(Double(count) / delete.seconds, "DEL", name, workers, into: &report)
        }
        pause(options.rest)
    }

    /// - Returns: how many it made.
    private func measure(
        _ subject: any Subject, _ first: Int, _ workers: Int, _ clock: ProcessorClock, into report: inout Report
    ) throws -> Int {
        let links = try subject.linkCount()
        let slots = (first..<first + count).map { Slot(number: $0) }
        for slot in slots { try subject.prepare(slot) }
        let addition = try clock.measure {
            try Workers.run(workers, over: slots, for: Self.patience) { _ = try subject.add($0) }
        }
        let made = Array(slots.prefix(addition.done))
        let deletion = try clock.measure {
            try Workers.run(workers, over: made, for: nil) { _ = try subject.delete($0) }
        }
        let end = ContinuousClock.now
        for slot in slots { try subject.discard(slot) }
        let gone = end.duration(to: .now) + (try subject.settle(to: links))
        report.add(
            gone.microseconds / 1000,
            .init(
                measured: Self.name, subject: subject.name, parameter: Self.parameter(LatencyBenchmark.gone, workers)),
            unit: "ms")
        pause(options.rest)
        if made.count < count {
            report.remark("\(subject.name), \(workers) workers: \(made.count) at once, not \(count)")
        }
        for (parameter, measured) in [("ADD", addition), ("DEL", deletion)] {
            record(Double(measured.done) / measured.took.seconds, parameter, subject.name, workers, into: &report)
            guard workers == self.workers.first else { continue }
            func key(_ subject: String) -> Report.Key {
                Report.Key(measured: Self.processorTime, subject: subject, parameter: parameter)
            }
            report.add(
                measured.processorTime.microseconds / Double(measured.done), key(subject.name), unit: "µs",
                over: key(Catalogue.Name.tasknet))
        }
        return made.count
    }

    /// Whole tasks, with their processes: from the first call until all are RUNNING, and until all are STOPPED.
    private func measureTasks(
        _ daemon: BenchDaemon, _ workers: Int, _ clock: ProcessorClock, into report: inout Report
    ) throws {
        let links = try Room.own.linkCount()
        let calls = Array(repeating: min(10, count), count: max(1, count / 10))
        let tasks = Mutex<[BenchTask]>([])
        let start = try clock.measure {
            let begun = ContinuousClock.now
            _ = try Workers.run(workers, over: calls, for: Self.patience) { number in
                let more = try BenchTask.run(daemon, count: number)
                tasks.withLock { $0 += more }
            }
            let count = tasks.withLock(\.count)
            try BenchTask.waitUntilRunning(count, daemon)
            return Workers.Result(done: count, took: begun.duration(to: .now))
        }
        let all = tasks.withLock(\.self)
        let stop = try clock.measure {
            let begun = ContinuousClock.now
            _ = try Workers.run(workers, over: all, for: nil) { try $0.stop(daemon) }
            for task in all { try task.wait(for: .stopped, daemon) }
            return Workers.Result(done: all.count, took: begun.duration(to: .now))
        }
        try Room.own.settle(to: links)
        if all.count < count { report.remark("\(Self.tasks): \(all.count) at once, not \(count)") }
        for (parameter, measured) in [("ADD", start), ("DEL", stop)] {
            record(Double(measured.done) / measured.took.seconds, parameter, Self.tasks, workers, into: &report)
            guard workers == self.workers.first else { continue }
            report.add(
                measured.processorTime.microseconds / Double(measured.done),
                Report.Key(measured: Self.processorTime, subject: Self.tasks, parameter: parameter), unit: "µs")
        }
    }

    private func record(
        _ value: Double, _ parameter: String, _ subject: String, _ workers: Int, into report: inout Report
    ) {
        func key(_ subject: String) -> Report.Key {
            Report.Key(measured: Self.name, subject: subject, parameter: Self.parameter(parameter, workers))
        }
        let base = Catalogue.Name.coldFloor
        report.add(value, key(subject), unit: "per s", over: subject == base ? nil : key(base))
    }
}
