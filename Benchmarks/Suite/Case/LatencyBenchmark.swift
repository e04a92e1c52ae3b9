// SPDX-License-Identifier: Apache-2.0
/// How long one network takes, added and deleted, when nothing else goes on: all subjects in turns.
///
/// Between two samples the kernel is let finish what a deletion leaves it to do in the background.
struct LatencyBenchmark: Benchmark {
    static let name = "latency"
    static let summary = "one network at a time, ADD and DEL, of all subjects in turns"

    private let host: BenchHost
    private let options: RunOptions
    private var samples: Int { options.isQuick ? 2 : 60 }

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
        catalogue.addProgramStarts()
        catalogue.addFloors()
        try catalogue.addTasknet(daemon)
        try catalogue.addDropIns()
        for directory in options.plugins { try catalogue.addECS(in: directory) }
        try catalogue.addPeers()
        // The first of each finds nothing in the caches, and makes what stays: bridges, files of leases.
        for round in -1..<samples {
            for (place, entry) in catalogue.entries.enumerated() {
                let slot = Slot(number: (round + 1) * catalogue.entries.count + place)
                let times = try entry.subject.sample(slot)
                if round < 0 { continue }
                record(times, of: entry, into: &report)
            }
        }
    }

    /// The row that tells how long what was deleted could still be seen.
    static let gone = "gone after DEL"

    private func record(_ times: SampleTimes, of entry: Catalogue.Entry, into report: inout Report) {
        let parts =
            entry.subject is ProcessSubject
            ? [("start", times.add)] : [("ADD", times.add), ("DEL", times.delete), (Self.gone, times.gone)]
        for (parameter, time) in parts {
            func key(_ subject: String) -> Report.Key {
                Report.Key(measured: Self.name, subject: subject, parameter: parameter)
            }
            let base = parameter == Self.gone ? nil : entry.base
            report.add(time.microseconds, key(entry.subject.name), unit: "µs", over: base.map(key))
        }
    }
}
