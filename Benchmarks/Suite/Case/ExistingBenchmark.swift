// SPDX-License-Identifier: Apache-2.0
import SystemPackage

/// How one network's price grows with those that are there: each subject by itself, at rising numbers of its own networks,
/// and at none again in the end. In turns with it the floor at none, which tells whether the machine has changed meanwhile.
struct ExistingBenchmark: Benchmark {
    static let name = "existing"
    static let summary = "one network while 0, 100, 1,000 and 4,000 are there"

    private let host: BenchHost
    private let options: RunOptions
    static let levels = [0, 100, 1000, 4000]
    private var levels: [Int] { options.isQuick ? [0, 5] : Self.levels }
    private var samples: Int { options.isQuick ? 1 : 20 }
    /// A subject that is too slow for a level goes without it.
    private static let patience = Duration.seconds(90)

    init(_ host: BenchHost, _ options: RunOptions) {
        self.host = host
        self.options = options
    }

    /// What the floor's row is called that has no other networks beside it.
    static let reference = "floor, cold, at none"

    func run(into report: inout Report) throws {
        let daemon = try BenchDaemon(host)
        try daemon.start()
        defer { daemon.end() }
        var catalogue = try Catalogue(host, options)
        defer { catalogue.end() }
        catalogue.add(FloorSubject(Catalogue.Name.coldFloor, catalogue.floor, .cold, .drop))
        try catalogue.addTasknet(daemon)
        catalogue.add(SandboxSubject(daemon))
        for directory in options.plugins { try catalogue.addECS(in: directory) }
        try catalogue.addPeers()
        let reference = try FloorProcess(host.floorPrograms.appending("floor"))
        defer { reference.end() }
        var number = 0
        for entry in catalogue.entries {
            // The daemon does not care who asked.
            let isOurs = entry.subject.name == Catalogue.Name.tasknet
            var crowd = try Crowd(isOurs ? SandboxSubject(daemon) : entry.subject, first: number, rest: options.rest)
            try measure(entry, &crowd, FloorSubject(Self.reference, reference, .cold, .drop), into: &report)
            number = crowd.next
        }
    }

    private func measure(
        _ entry: Catalogue.Entry, _ crowd: inout Crowd, _ reference: FloorSubject, into report: inout Report
    ) throws {
        let subject = entry.subject
        // The first finds nothing in the caches.
        _ = try subject.sample(crowd.take())
        for level in levels.sorted() {
            guard level <= entry.limit else {
                report.remark("\(subject.name) at \(level) existing: it cannot have so many")
                break
            }
            try crowd.grow(to: level, patience: Self.patience)
            guard crowd.count == level else {
                report.remark("\(subject.name) at \(level) existing: there were \(crowd.count) after \(Self.patience)")
                break
            }
            try measure(subject, &crowd, reference, level, into: &report)
        }
        try crowd.leave()
        try measure(subject, &crowd, reference, 0, into: &report)
    }

    private func measure(
        _ subject: any Subject, _ crowd: inout Crowd, _ reference: FloorSubject, _ level: Int, into report: inout Report
    ) throws {
        let entryName = subject.name
        for _ in 0..<samples {
            for subject in [reference, subject] as [any Subject] {
                let times = try subject.sample(crowd.take())
                let isReference = subject.name == Self.reference
                let name = isReference ? "\(subject.name), beside \(entryName)" : subject.name
                for (parameter, time) in isReference
                    ? [("ADD", times.add)] : [("ADD", times.add), ("DEL", times.delete)]
                {
                    func key(_ level: Int) -> Report.Key {
                        Report.Key(measured: Self.name, subject: name, parameter: Self.parameter(parameter, at: level))
                    }
                    report.add(time.microseconds, key(level), unit: "µs", over: level == 0 ? nil : key(0))
                }
            }
        }
    }

    static func parameter(_ command: String, at level: Int) -> String { "\(command), \(level) existing" }
}
