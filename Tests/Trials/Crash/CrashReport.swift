// SPDX-License-Identifier: Apache-2.0
import Foundation
import Glibc
import Linux
import SystemPackage

/// Counts what happened, and tells each difference with what led to it.
struct CrashReport {
    private let options: CrashOptions
    private(set) var differenceCount = 0
    private var rounds = 0
    private var operations: [String: Int] = [:]
    private var refusals: [String: Int] = [:]
    private var unknown = 0
    private var damages: [String: Int] = [:]
    private var time = Duration.zero
    private var rests: [Duration] = []

    init(_ options: CrashOptions) { self.options = options }

    mutating func note(_ progress: RoundProgress, took duration: Duration) {
        rounds += 1
        time += duration
        for step in progress.steps {
            switch step.outcome {
            case .acknowledged: operations[step.operation.noun, default: 0] += 1
            case .refused(let reason): refusals[Self.withoutNumbers(reason), default: 0] += 1
            case .unknown: unknown += 1
            case .absent, .skipped: break
            }
        }
    }

    mutating func note(_ damage: Damage) { damages[damage.rawValue, default: 0] += 1 }

    mutating func noteRest(_ duration: Duration) { rests.append(duration) }

    mutating func add(_ differences: [String], seed: UInt64, round: Int, of era: Era) {
        guard !differences.isEmpty else { return }
        differenceCount += differences.count
        let place = era.plan == nil ? "after the last round" : "round \(round)"
        print("\nDIFFERENCE: \(place) of seed \(seed); replay: scripts/crash-test --seed \(seed) --rounds \(round + 1)")
        if let plan = era.plan {
            print("  death: \(plan.death)\n  restarts: \(plan.restarts)\n  damage: \(plan.blows)")
        }
        for difference in differences { print("  - \(difference)") }
        print("  operations:")
        for step in era.progress.steps where step.outcome != .skipped {
            print("    \(step.client): \(step.operation): \(step.outcome)")
        }
        print("  tasknetd said:")
        for line in era.trial.host.log(from: era.logStart).suffix(400) { print("    \(line)") }
        if let command = options.onDifference { Self.run(command) }
    }

    /// What the command prints comes after what is told of the difference.
    private static func run(_ command: String) {
        print("  \(command):")
        fflush(nil)
        do {
            let shell = try Program(
                path: "/bin/sh", arguments: ["sh", "-c", command],
                environment: ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" },
                descriptors: [1: STDOUT_FILENO, 2: STDOUT_FILENO]
            ).spawn()
            _ = try shell.reap()
        } catch {
            print("    \(error)")
        }
    }

    func printTotals(_ points: FaultPoints) {
        let seconds = time / .seconds(1)
        print("\n\(rounds) rounds in \(Self.text(seconds)) s, \(Self.text(seconds / Double(max(1, rounds)))) s each")
        let sorted = rests.map { $0 / .milliseconds(1) }.sorted()
        if let slowest = sorted.last {
            print("at rest after (ms): median \(Self.text(sorted[sorted.count / 2])), slowest \(Self.text(slowest))")
        }
        print(
            "acknowledged: "
                + operations.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        print("damage: " + damages.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", "))
        print("unknown: \(unknown), refused: \(refusals.values.reduce(0, +))")
        for (reason, count) in refusals.sorted(by: { $0.value > $1.value }) { print("  \(count) x \(reason)") }
        print(
            "fault points reached: \(points.names.count - points.unreached.count) of \(points.names.count): "
                + points.names.filter { points.reached[$0] != nil }.map { "\($0) \(points.reached[$0] ?? 0)" }
                .joined(separator: ", "))
        if !points.unreached.isEmpty { print("not reached: \(points.unreached.joined(separator: ", "))") }
        print(differenceCount == 0 ? "no difference" : "\(differenceCount) differences")
    }

    private static func text(_ number: Double) -> String { String(format: "%.2f", number) }

    /// So that the same refusal of two things is one.
    private static func withoutNumbers(_ text: String) -> String {
        text.replacing(/[0-9a-f]{8,}|c[0-9]+-[a-z0-9-]+|[0-9]+/, with: "N")
    }
}

extension Operation {
    /// "runTask" of "runTask(1, server)".
    fileprivate var noun: String { "\(self)".split(separator: "(").first.map(String.init) ?? "" }
}
