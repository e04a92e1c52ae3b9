// SPDX-License-Identifier: Apache-2.0
import ArgumentParser
import Foundation
import Glibc
import SystemPackage

struct CrashCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "crash", abstract: "Kills the daemon again and again while clients ask it for things.")

    @Option(help: "How often.")
    var rounds = 100

    @Option(help: "What everything random follows from; printed, and chosen by the clock when it is not given.")
    var seed: UInt64?

    @Option(help: "Kill it at this fault point only.")
    var point: String?

    @Option(help: "How many clients ask at once.")
    var clients = 5

    @Option(help: "How many operations each of them does in a round.")
    var operations = 8

    @Option(help: "In how many rounds of a hundred somebody else hurts what is the daemon's.")
    var damage = 40

    @Option(help: "Leave out a kind of damage.")
    var without: [String] = []

    @Option(help: "How many seconds the system may take to come to rest.")
    var patience = 30

    @Flag(help: "Go on after a difference.")
    var keepGoing = false

    @Option(help: "A shell command for each difference, run in the trial's host while all is still there.")
    var onDifference: String?

    @Option(help: "The daemon's log level.")
    var logLevel = "info"

    func run() throws {
        let seed = seed ?? UInt64(Date().timeIntervalSince1970) % 1_000_000
        let damages = Damage.allCases.filter { !without.contains($0.rawValue) }
        let options = CrashOptions(
            clients: clients, operations: operations, point: point, damages: damages, damagePercent: damage,
            patience: patience, onDifference: onDifference)
        let host = try TrialHost(directory: TrialPlaces.directory(), programs: TrialPlaces.programs())
        defer { host.remove() }
        let trial = try CrashTrial(host, options, seed: seed, logLevel: logLevel)
        guard try trial.run(rounds: rounds, keepGoing: keepGoing) else { throw ExitCode.failure }
    }
}

/// Where things are.
enum TrialPlaces {
    static func directory() throws -> FilePath {
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        let directory = FilePath(parent).appending("trial")
        try FileManager.default.createDirectory(atPath: directory.string, withIntermediateDirectories: true)
        return directory
    }

    /// Beside this one, unless the environment says otherwise.
    static func programs() throws -> FilePath {
        if let given = ProcessInfo.processInfo.environment["TASKNET_PROGRAMS"] { return FilePath(given) }
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        return FilePath(own).removingLastComponent()
    }
}
