// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage

/// Many networks in one go, by several workers at once: how many a second, and what processor time each takes.
///
/// A subject that is slow makes fewer: as many as it can in a time that is the same for all. Removed are all that were
/// made, and then the kernel is let finish.
struct ManyBenchmark: Benchmark {
    static let name = "many"
    static let summary = "1,000 networks by 1, 2 and 8 workers: networks a second, processor time for each"

    private let host: BenchHost
    private let options: RunOptions
    private var count: Int { options.isQuick ? 20 : 1000 }
    private var rounds: Int { options.isQuick ? 1 : 3 }
    private var workers: [Int] { options.isQuick ? [2] : [1, 2, 8] }
    private static let patience = Duration.seconds(10)

    init(_ host: BenchHost, _ options: RunOptions) {
        self.host = host
        self.options = options
    }

    func run(into report: inout Report) throws {
        let daemon = try BenchDaemon(host)
        try daemon.start()
        defer { daemon.end() }
        var catalogue = try Catalogue(host)
        defer { catalogue.end() }
        try catalogue.addTasknet(daemon)
        catalogue.add(SandboxSubject(daemon))
        try catalogue.addDropIns()
        for directory in options.plugins { try catalogue.addECS(in: directory) }
        try catalogue.addPeers()
        let clock = ProcessorClock(daemon: try daemon.pid)
        var first = 0
        for _ in 0..<rounds {
            for workers in workers {
                try measure(catalogue.floor, workers, into: &report)
                for entry in catalogue.entries {
                    try measure(entry.subject, first, workers, clock, into: &report)
                    first += count
                }
            }
        }
    }

    private func measure(_ floor: FloorProcess, _ workers: Int, into report: inout Report) throws {
        for (name, kind) in [(Catalogue.Name.coldFloor, FloorProcess.Kind.cold), (Catalogue.Name.warmFloor, .warm)] {
            let add = try floor.add(kind, count: count, workers: workers)
            let delete = try floor.delete(.drop, count: count, workers: workers)
            try floor.settle()
            record(Double(count) / add.seconds, "ADD", name, workers, into: &report)
            record(Double(count) / delete.seconds, "DEL", name, workers, into: &report)
        }
        sleep(1)
    }

    private func measure(
        _ subject: any Subject, _ first: Int, _ workers: Int, _ clock: ProcessorClock, into report: inout Report
    ) throws {
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
        for slot in slots { try subject.discard(slot) }
        try subject.settle(to: links)
        sleep(1)
        for (parameter, measured) in [("ADD", addition), ("DEL", deletion)] {
            record(Double(measured.done) / measured.took.seconds, parameter, subject.name, workers, into: &report)
            if workers == self.workers.first {
                report.add(
                    measured.processorTime.microseconds / Double(measured.done),
                    .init(measured: "processor time of one network", subject: subject.name, parameter: parameter),
                    unit: "µs",
                    over: .init(
                        measured: "processor time of one network", subject: Catalogue.Name.tasknet, parameter: parameter
                    ))
            }
        }
    }

    private func record(
        _ value: Double, _ parameter: String, _ subject: String, _ workers: Int, into report: inout Report
    ) {
        func key(_ subject: String) -> Report.Key {
            Report.Key(measured: Self.name, subject: subject, parameter: "\(parameter), \(workers) workers")
        }
        let base = Catalogue.Name.coldFloor
        report.add(value, key(subject), unit: "per s", over: subject == base ? nil : key(base))
    }
}
