// SPDX-License-Identifier: Apache-2.0
import ArgumentParser

struct SoakCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "soak",
        abstract: "Puts thousands of task networks up and down, and looks at what the daemon grows to.")

    @Option(help: "How many, tasks' and sandboxes' together.")
    var networks = 10_000

    @Option(help: "How many at once.")
    var workers = 4

    @Option(help: "After how many the daemon is looked at.")
    var every = 1000

    func run() throws {
        let host = try TrialHost(directory: TrialPlaces.directory(), programs: TrialPlaces.programs())
        defer { host.remove() }
        let soak = SoakTrial(host, workers: workers)
        guard try soak.run(networks: networks, every: every) else { throw ExitCode.failure }
    }
}
