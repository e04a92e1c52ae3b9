// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import ECSClient
import Foundation
import Glibc
import Linux
import SystemPackage
import UnderTest
import VPC

/// Some rounds with the same daemon's state: what one leaves, the next one finds.
final class Era {
    let trial: CrashTrial
    let seed: UInt64
    var ledgers: [Ledger]
    var variant = TrialHost.Variant()
    private(set) var round = 0
    private(set) var plan: RoundPlan?
    private(set) var progress = RoundProgress()
    /// Tasks that may end for what was done to them.
    var hurt: Set<String> = []
    /// Where this round's part of the daemon's log begins, in bytes.
    private(set) var logStart = 0
    private var baseline: Set<String> = []

    var daemon: DaemonUnderTest { trial.daemon }

    init(_ trial: CrashTrial, seed: UInt64) {
        self.trial = trial
        self.seed = seed
        ledgers = (0..<trial.options.clients).map { Ledger(client: $0) }
    }

    /// A daemon with nothing but definitions.
    func begin() throws {
        try trial.host.writeConfiguration(variant)
        let start = try daemon.start()
        guard start == .ready else { throw TrialFailure("the daemon does not start: \(start)") }
        for shape in TaskShape.allCases where shape != .dual {
            _ = try daemon.client.call(
                RegisterTaskDefinition.self,
                .init(family: shape.family, containerDefinitions: shape.containers, networkMode: .awsvpc))
        }
        baseline = try HostSurvey(trial.host).lines
    }

    /// - Returns: whether there was no difference.
    func run(_ round: Int) throws -> Bool {
        self.round = round
        let plan = RoundPlan(trial.options, points: trial.points.names, seed: seed, round: round)
        self.plan = plan
        progress = RoundProgress()
        logStart = trial.host.logSize
        let began = ContinuousClock.now
        var (isArmed, differences) = try arm(plan)
        if differences.isEmpty {
            try letClientsRun(plan, isArmed: &isArmed)
            if let written = progress.variant { variant = written }
            differences = try restart(plan)
        }
        if differences.isEmpty { differences = try settle(pings: plan.pings) }
        trial.report.note(progress, took: began.duration(to: .now))
        trial.report.add(differences, seed: seed, round: round, of: self)
        return differences.isEmpty
    }

    /// Sees to it that a daemon runs that will die as planned.
    private func arm(_ plan: RoundPlan) throws -> (isArmed: Bool, differences: [String]) {
        guard case .at(let fault) = plan.death else {
            // The one that runs will do.
            return daemon.isDead ? (false, try startForGood()) : (false, [])
        }
        try daemon.end(plan.endsPolitely ? SIGTERM : SIGKILL)
        switch try daemon.start(dyingAt: fault) {
        case .ready: return (true, [])
        case .died(.signaled(SIGKILL)):
            trial.points.note(fault.point)
            return (false, try startForGood())
        case let other: return (false, ["the daemon does not start: \(other)"])
        }
    }

    private func startForGood() throws -> [String] {
        let start = try daemon.start()
        return start == .ready ? [] : ["the daemon does not start: \(start)"]
    }

    private func letClientsRun(_ plan: RoundPlan, isArmed: inout Bool) throws {
        let clients = try ClientThreads(
            daemon, ledgers, progress: progress,
            scripts: ledgers.indices.map {
                Operation.script(
                    seed: seed, round: round, client: $0, count: trial.options.operations, towards: plan.point)
            })
        var blows = plan.blows
        while !clients.areDone, !daemon.isDead {
            let completed = progress.completed
            while let index = blows.firstIndex(where: { $0.afterOperations <= completed }) {
                strike(blows.remove(at: index))
            }
            if case .after(let operations, let microseconds) = plan.death, completed >= operations {
                usleep(UInt32(microseconds))
                break
            }
            usleep(500)
        }
        if plan.asksForReconciliation {
            // What was hurt is to be seen by this daemon, rather than by the next one.
            for blow in blows { strike(blow) }
            blows = []
            _ = try? daemon.client.call(TaskNetworkAPI.Reconcile.self, .init())
        }
        if case .at(let fault) = plan.death, isArmed {
            // What it was asked for last may still be under way.
            let deadline = ContinuousClock.now.advanced(by: .milliseconds(plan.delay))
            if try daemon.waitForDeath(until: deadline) {
                trial.points.note(fault.point)
            }
        }
        try daemon.end(SIGKILL)
        ledgers = clients.wait()
        // What was to come later comes when nobody looks.
        for blow in blows { strike(blow) }
    }

    private func strike(_ blow: RoundPlan.Blow) {
        guard let task = blow.damage.strike(trial.host, choice: blow.choice) else { return }
        trial.report.note(blow.damage)
        if blow.damage.endsTask { hurt.insert(task) }
    }

    private func restart(_ plan: RoundPlan) throws -> [String] {
        for restart in plan.restarts {
            switch restart {
            case .at(let fault):
                if try daemon.start(dyingAt: fault) == .died(.signaled(SIGKILL)) { trial.points.note(fault.point) }
            case .after(let microseconds):
                let starting = try daemon.launch(dyingAt: nil)
                _ = try starting.process.waitForExit(until: .now.advanced(by: .microseconds(microseconds)))
            }
            try daemon.end(SIGKILL)
        }
        return try startForGood()
    }

    /// Waits until all is at rest and as it ought to be.
    ///
    /// - Returns: what still differs when patience is at an end.
    private func settle(pings: Bool) throws -> [String] {
        let began = ContinuousClock.now
        let deadline = began.advanced(by: .seconds(trial.options.patience))
        while true {
            let api = try APISurvey(daemon.client)
            if !api.unsettled.isEmpty, .now < deadline, !daemon.isDead {
                usleep(15_000)
                continue
            }
            var comparison = Comparison(
                try Survey(daemon, api), ledgers, hurt: hurt, variant: variant, daemonPID: daemon.pid)
            comparison.run()
            var differences = comparison.differences
            if differences.isEmpty, pings { differences = try Echo.silent(comparison.survey) }
            if differences.isEmpty {
                ledgers = comparison.ledgers
                trial.report.noteRest(began.duration(to: .now))
                return []
            }
            guard .now < deadline else { return differences }
            guard !daemon.isDead else { return differences + ["the daemon has died by itself"] }
            usleep(15_000)
        }
    }

    /// Stops and deletes everything, and compares with how it was before.
    func end() throws -> Bool {
        logStart = trial.host.logSize
        plan = nil
        progress = RoundProgress()
        variant = TrialHost.Variant()
        try trial.host.writeConfiguration(variant)
        daemon.signal(SIGHUP)
        var differences = try Dismissal(self).run()
        if differences.isEmpty { differences = try settle(pings: false) }
        let deadline = ContinuousClock.now.advanced(by: .seconds(trial.options.patience))
        while differences.isEmpty {
            let lines = try HostSurvey(trial.host).lines
            if lines == baseline { break }
            guard .now > deadline else {
                usleep(10_000)
                continue
            }
            differences += lines.subtracting(baseline).sorted().map { "left in the end: \($0)" }
            differences += baseline.subtracting(lines).sorted().map { "missing in the end: \($0)" }
        }
        let status = try daemon.end(SIGTERM)
        if status != .exited(0) { differences.append("the daemon ended with \(status.map { "\($0)" } ?? "nothing")") }
        trial.report.add(differences, seed: seed, round: round, of: self)
        return differences.isEmpty
    }
}
