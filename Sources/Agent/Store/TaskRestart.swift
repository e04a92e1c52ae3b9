// SPDX-License-Identifier: Apache-2.0
package import ECSAPI
package import VPC

/// What a task that comes back is run again with, beside what its record says, and how it came to be run.
package struct TaskRestart: Codable, Sendable, Equatable {
    package var networkConfiguration: NetworkConfiguration?
    package var elasticNetworkInterfaces: [ElasticNetworkInterface]?
    package var waitTimeoutMs: Int?
    /// The task in whose place it runs, and why that one ended.
    package var precedingTaskID: String?
    package var cause: String?
    /// How many in a row ended before it without having run for a while.
    package var attempt = 0
    /// Whether it was told to stop: then it does not come back.
    package var isOver = false

    /// In whose place the task runs, for people; nil for the first of them.
    package var origin: String? {
        precedingTaskID.map { "in the place of \($0)" + (cause.map { ", because of: \($0)" } ?? "") }
    }

    package init(
        networkConfiguration: NetworkConfiguration?, elasticNetworkInterfaces: [ElasticNetworkInterface]? = nil,
        waitTimeoutMs: Int? = nil
    ) {
        self.networkConfiguration = networkConfiguration
        self.elasticNetworkInterfaces = elasticNetworkInterfaces
        self.waitTimeoutMs = waitTimeoutMs
    }
}

/// A stopped task in whose place another one is to run.
package struct PendingRestart: Sendable, Equatable {
    package var taskID: String
    package var due: Timestamp
    /// How many were tried, or ended, in a row before.
    package var attempt: Int

    /// As Docker's: 1 s, doubled each time, 1 min at most.
    package static func delay(afterAttempts attempt: Int) -> Duration {
        attempt >= 6 ? longestDelay : min(.seconds(1 << max(0, attempt)), longestDelay)
    }

    package static let longestDelay = Duration.seconds(60)
    /// A task that ran this long before it ended comes back as if nothing had been before it.
    package static let settledAfter = Duration.seconds(10)
}

extension PendingRestart {
    /// What follows from a task's end; nil where nothing does.
    init?(after task: TaskRecord, at now: Timestamp) {
        guard let restart = task.restart, !restart.isOver, task.stopCode != .userInitiated else { return nil }
        taskID = task.id
        // Neither the host's end nor the daemon's says anything about the task.
        if task.stopCode == .terminationNotice {
            attempt = 0
            due = now
            return
        }
        let ran = task.startedAt.map { started in
            (task.stoppingAt ?? now).millisecondsSince1970 - started.millisecondsSince1970
        }
        attempt = Duration.milliseconds(ran ?? 0) >= Self.settledAfter ? 0 : restart.attempt
        due = now.advanced(by: Self.delay(afterAttempts: attempt))
        attempt += 1
    }
}

extension Timestamp {
    func advanced(by duration: Duration) -> Timestamp {
        Timestamp(millisecondsSince1970: millisecondsSince1970 + Int64(duration / .milliseconds(1)))
    }
}
