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
        let begin = ContinuousClock.now
        var progress = ProgressLine()
        var pause = Self.firstPause
        var silentSince: ContinuousClock.Instant?
        var goalText = "tasknetd to answer"
        while true {
            do {
                let tasks = try catalog.tasks(arns)
                silentSince = nil
                if let missing = arns.first(where: { arn in !tasks.contains { $0.taskArn == arn } }) {
                    throw CommandFailure("task \(TaskIndex.id(of: missing)) is no longer known", .notFound)
                }
                if tasks.allSatisfy({ Self.has($0, reached: goal) }) { return tasks }
                goalText = Self.summary(tasks, goal)
            } catch let error as ControlError {
                guard case .unavailable = error else { throw error }
                let since = silentSince ?? .now
                guard since.duration(to: .now) < Self.patience else { throw error }
                silentSince = since
                goalText = "tasknetd to answer again"
            }
            progress.show("waiting for \(goalText)")
            if let timeout, begin.duration(to: .now) >= .seconds(timeout) {
                let limit = timeout < 1 ? "\(timeout) seconds" : ElapsedTime.text(seconds: timeout)
                throw CommandFailure("gave up after \(limit), waiting for \(goalText)", .timedOut)
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
