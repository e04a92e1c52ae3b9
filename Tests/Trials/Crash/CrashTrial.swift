// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import ECSClient
import Foundation
import Glibc
import Linux
import SystemPackage

/// Rounds in eras of ten: each era begins with an empty state directory, and ends with everything stopped and deleted.
final class CrashTrial {
    let host: TrialHost
    let options: CrashOptions
    let daemon: DaemonUnderTest
    private let seed: UInt64
    var points: FaultPoints
    var report: CrashReport

    init(_ host: TrialHost, _ options: CrashOptions, seed: UInt64, logLevel: String) throws {
        self.host = host
        self.options = options
        self.seed = seed
        daemon = DaemonUnderTest(host, environment: ["TASKNET_LOG_LEVEL=\(logLevel)"])
        points = try FaultPoints(of: daemon)
        report = CrashReport(options)
        if let point = options.point, !points.names.contains(point) {
            throw TrialFailure("there is no fault point \(point); there are \(points.names.joined(separator: " "))")
        }
    }

    /// - Returns: whether there was no difference.
    func run(rounds: Int, keepGoing: Bool) throws -> Bool {
        print("seed \(seed), \(rounds) rounds, \(points.names.count) fault points")
        var rest = rounds
        var eraSeed = seed
        while rest > 0 {
            let count = min(rest, RoundPlan.roundsPerEra)
            let isClean = try run(eraSeed, rounds: count)
            rest -= count
            eraSeed &+= 1
            fflush(nil)
            if !isClean {
                try sweep()
                if !keepGoing { break }
            }
        }
        _ = try daemon.end(SIGKILL)
        report.printTotals(points)
        return report.differenceCount == 0
    }

    private func run(_ eraSeed: UInt64, rounds: Int) throws -> Bool {
        try host.forgetState()
        let era = Era(self, seed: eraSeed)
        do {
            try era.begin()
            for round in 0..<rounds {
                guard try era.run(round) else { return false }
            }
            return try era.end()
        } catch {
            report.add(["the trial cannot go on: \(error)"], seed: eraSeed, round: era.round, of: era)
            return false
        }
    }

    /// Takes away by force what an era with differences has left, so that the next one begins with nothing.
    private func sweep() throws {
        _ = try daemon.end(SIGKILL)
        try Sweep(host).run()
    }
}
