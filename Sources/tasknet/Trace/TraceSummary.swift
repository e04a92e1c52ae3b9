// SPDX-License-Identifier: Apache-2.0

import ECSAPI

/// What took most of a path's time.
struct TraceSummary {
    /// Of one path, each before its parts, with their places in that list or behind it.
    let steps: [TaskTrace.Step]
    /// Microseconds.
    let whole: Int

    struct Share: Hashable {
        var name: String
        var microseconds: Int
    }

    /// Steps by the time that no part of theirs took, those of one name together, the longest first.
    var shares: [Share] {
        var own: [String: Int] = [:]
        for (index, step) in steps.enumerated() {
            guard let duration = step.durationMicroseconds else { continue }
            let parts = parts(of: index)
            own[step.name, default: 0] += max(0, duration - Self.covered(parts))
        }
        return own.filter { $0.value > 0 }.map { Share(name: $0.key, microseconds: $0.value) }
            .sorted { ($1.microseconds, $0.name) < ($0.microseconds, $1.name) }
    }

    /// What no step took: the ways between them.
    var between: Int { max(0, whole - Self.covered(steps.filter { $0.depth == 0 })) }

    func lines(most: Int) -> [String] {
        guard whole > 0 else { return [] }
        let shown = shares.prefix(most).map { "\($0.name) \(text($0.microseconds))" }
        return ["most: \((shown + ["between steps \(text(between))"]).joined(separator: ", "))"]
    }

    /// "1.234 ms (12 %)"
    private func text(_ microseconds: Int) -> String {
        "\(TraceView.milliseconds(microseconds)) ms (\((microseconds * 100 + whole / 2) / whole) %)"
    }

    /// The step's direct parts: those that follow it one level further in, up to the next that is no part of it.
    private func parts(of index: Int) -> [TaskTrace.Step] {
        let depth = steps[index].depth
        return steps[(index + 1)...].prefix { $0.depth > depth }.filter { $0.depth == depth + 1 }
    }

    /// The time in which at least one of these went on. They may overlap: containers are started side by side.
    private static func covered(_ steps: [TaskTrace.Step]) -> Int {
        var sum = 0
        var end = 0
        for step in steps.sorted(by: { $0.offsetMicroseconds < $1.offsetMicroseconds }) {
            let stepEnd = step.offsetMicroseconds + (step.durationMicroseconds ?? 0)
            sum += max(0, stepEnd - max(end, step.offsetMicroseconds))
            end = max(end, stepEnd)
        }
        return sum
    }
}
