// SPDX-License-Identifier: Apache-2.0

import ControlClient
import ECSAPI
import Glibc
import SystemPackage
import VPC

/// Waits for tasks. The ECS API has no way to be told, so they are asked about again and again, soon at first.
struct TaskWaiter {
    enum Goal {
        /// Running, or stopped before that was seen.
        case running
        case stopped
    }

    let catalog: TaskCatalog
    /// In seconds; nil waits for ever.
    let timeout: Double?

    private static let firstPause = Duration.milliseconds(20)
    private static let longestPause = Duration.milliseconds(500)
    /// A daemon that is being restarted comes back within this time.
    private static let patience = Duration.seconds(30)

    /// The tasks as they are when all of them have reached the goal.
    func wait(for arns: [String], until goal: Goal) throws -> [ECSTask] {
        try wait { () throws(ControlError) in
            let tasks = try catalog.tasks(arns)
            let missing = arns.first { arn in !tasks.contains { $0.taskArn == arn } }
            if let missing { return .never("task \(TaskIndex.id(of: missing)) is no longer known") }
            let isReached = tasks.allSatisfy { Self.has($0, reached: goal) }
            return isReached ? .reached(tasks) : .notYet(Self.summary(tasks, goal))
        }
    }

    /// Attachments of a task, as they are when each is attached or will never be.
    func wait(forAttachments ids: [String], of arn: String) throws -> [TaskAttachment] {
        try wait { () throws(ControlError) in
            guard let task = try catalog.task(arn) else {
                return .never("task \(TaskIndex.id(of: arn)) is no longer known")
            }
            let attachments = task.interfaces.filter { $0.id.map(ids.contains) ?? false }
            let pending = attachments.filter {
                [.precreated, .created, .attaching].contains($0.status)
            }
            if pending.isEmpty || task.isStopped { return .reached(attachments) }
            return .notYet("\(pending.count) of \(ids.count) interfaces to be attached")
        }
    }

    private enum Look<Result> {
        case reached(Result)
        /// What is waited for, in words.
        case notYet(String)
        /// Why there is no use in waiting.
        case never(String)
    }

    private func wait<Result>(_ look: () throws(ControlError) -> Look<Result>) throws -> Result {
        let begin = ContinuousClock.now
        var progress = ProgressLine()
        defer { progress.clear() }
        var pause = Self.firstPause
        var silentSince: ContinuousClock.Instant?
        while true {
            var seen = Look<Result>.notYet("tasknetd to answer again")
            do throws(ControlError) {
                seen = try look()
                silentSince = nil
            } catch {
                let since = silentSince ?? .now
                guard case .unavailable = error, since.duration(to: .now) < Self.patience else { throw error }
                silentSince = since
            }
            let goal: String
            switch seen {
            case .reached(let result): return result
            case .never(let text): throw CommandFailure(text, .notFound)
            case .notYet(let text): goal = text
            }
            progress.show("waiting for \(goal)")
            if let timeout, begin.duration(to: .now) >= .seconds(timeout) {
                let limit = timeout < 1 ? "\(timeout) seconds" : ElapsedTime.text(seconds: timeout)
                throw CommandFailure("gave up after \(limit), waiting for \(goal)", .timedOut)
            }
            Self.sleep(pause)
            pause = min(pause * 3 / 2, Self.longestPause)
        }
    }

    static func has(_ task: ECSTask, reached goal: Goal) -> Bool {
        switch goal {
        case .running: task.lastStatus == .running || task.isStopped
        case .stopped: task.isStopped
        }
    }

    /// "2 tasks to run: 1 PENDING, 1 RUNNING"
    static func summary(_ tasks: [ECSTask], _ goal: Goal) -> String {
        let order = TaskStatus.allCases
        let counts = Dictionary(grouping: tasks.compactMap(\.lastStatus), by: \.self).mapValues(\.count)
        let states = order.compactMap { status in counts[status].map { "\($0) \(status.rawValue)" } }
        let subject = tasks.count == 1 ? "the task" : "\(tasks.count) tasks"
        let verb = goal == .running ? "run" : "stop"
        if tasks.count == 1 { return "\(subject) to \(verb): \(order.first { counts[$0] != nil }?.rawValue ?? "-")" }
        return "\(subject) to \(verb): \(states.joined(separator: ", "))"
    }

    private static func sleep(_ pause: Duration) {
        let (seconds, attoseconds) = pause.components
        var time = timespec(tv_sec: Int(seconds), tv_nsec: Int(attoseconds / 1_000_000_000))
        // An interruption only means to look sooner.
        nanosleep(&time, nil)
    }
}
