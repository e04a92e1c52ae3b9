// SPDX-License-Identifier: Apache-2.0

/// What one run is to do.
struct RunOptions: Sendable {
    /// Fewer samples and networks: whether it works, not what it costs.
    var isQuick = false
    /// After many changes at once, for what the kernel still does when all links are gone.
    var rest: Duration { isQuick ? .milliseconds(50) : .seconds(1) }
    /// Of what is compared in turns, only those that have one of these texts in their names; all where there is none. The
    /// floors are always there.
    var subjects: [String] = []
    /// Directories with AWS's plugins.
    var plugins: [String] = []
}

/// One thing to measure.
protocol Benchmark: Sendable {
    /// As `--only` names it.
    static var name: String { get }
    /// In a few words, for the help text.
    static var summary: String { get }
    init(_ host: BenchHost, _ options: RunOptions)
    func run(into report: inout Report) throws
}
