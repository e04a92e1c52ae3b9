// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import FoundationEssentials
import Glibc
import JSON

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "run", abstract: "Measures, and prints a table.")

    @Flag(help: "Fewer samples and networks: to see that it works.")
    var quick = false

    @Option(help: "Only these cases, with commas between.")
    var only: String?

    @Option(help: "Only these subjects, by parts of their names with commas between, beside the floors.")
    var subjects: String?

    @Option(help: "A directory with AWS's plugins, to be measured too. May be repeated.")
    var plugins: [String] = []

    @Option(help: "Where the figures go as JSON.")
    var json: String?

    @Flag(help: "Print which goals are reached, too.")
    var goals = false

    private static let benchmarks: [any Benchmark.Type] = [
        LatencyBenchmark.self, TaskBenchmark.self, ManyBenchmark.self, ExistingBenchmark.self, MemoryBenchmark.self,
        GroupBenchmark.self, RestartBenchmark.self, PacketBenchmark.self,
    ]

    func validate() throws {
        for name in wanted where !Self.benchmarks.contains(where: { $0.name == name }) {
            let names = Self.benchmarks.map { $0.name }.joined(separator: ", ")
            throw ValidationError("there is no case \(name); there are: \(names)")
        }
    }

    private var wanted: [String] { Self.list(only) }

    private static func list(_ text: String?) -> [String] { (text ?? "").split(separator: ",").map(String.init) }

    func run() throws {
        let host = try BenchHost()
        defer { host.remove() }
        let options = RunOptions(isQuick: quick, subjects: Self.list(subjects), plugins: plugins)
        var report = Report()
        var isWhole = true
        for benchmark in Self.benchmarks where only == nil || wanted.contains(benchmark.name) {
            print("measuring \(benchmark.name): \(benchmark.summary)")
            fflush(nil)
            do {
                try benchmark.init(host, options).run(into: &report)
            } catch {
                // What the other cases cost is worth knowing all the same.
                print("FAILED: \(benchmark.name): \(error)")
                report.remark("the rest of \(benchmark.name): \(error)")
                isWhole = false
                host.sweep()
                _ = try? Room.own.settle(to: 0)
            }
        }
        try show(report)
        if !isWhole { throw ExitCode.failure }
    }

    private func show(_ report: Report) throws {
        print(Table(report: report).text)
        if goals { GoalsCommand.show(Figures(report)) }
        guard let json else { return }
        let commit = ProcessInfo.processInfo.environment["TASKNET_BENCH_COMMIT"]
        let text = report.json(commit: commit).indentedText + "\n"
        try Data(text.utf8).write(to: URL(filePath: json))
    }
}
