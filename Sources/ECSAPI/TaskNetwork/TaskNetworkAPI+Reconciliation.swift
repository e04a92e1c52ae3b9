// SPDX-License-Identifier: Apache-2.0
package import VPC

/// How the kernel was compared with what ought to be, and what came of it.
package struct ReconciliationDescription: Hashable, Sendable, Codable {
    /// One look at everything.
    package struct Run: Hashable, Sendable, Codable {
        package var startedAt: Timestamp
        package var durationMs: Int
        /// How many networks were compared: tasks', sandboxes' and the host's.
        package var networkCount: Int
        package var repaired: [Repair]
        /// What was the daemon's and nobody's, and is gone: "link tn-0123456789ab".
        package var removed: [String]
        /// What nobody's is, and stays for a person to look at.
        package var told: [String]

        package init(startedAt: Timestamp) {
            self.startedAt = startedAt
            durationMs = 0
            networkCount = 0
            repaired = []
            removed = []
            told = []
        }
    }

    /// A network that differed, and is as it ought to be again.
    package struct Repair: Hashable, Sendable, Codable {
        package var owner: Owner
        /// What was found, in words; the first few.
        package var found: [String]

        package init(owner: Owner, found: [String]) {
            self.owner = owner
            self.found = found
        }
    }

    /// A network that differs, and cannot be put right.
    package struct Failure: Hashable, Sendable, Codable {
        package var owner: Owner
        package var found: [String]
        package var error: String
        package var since: Timestamp
        package var attempts: Int
        package var nextAttemptAt: Timestamp?

        package init(
            owner: Owner, found: [String], error: String, since: Timestamp, attempts: Int, nextAttemptAt: Timestamp?
        ) {
            self.owner = owner
            self.found = found
            self.error = error
            self.since = since
            self.attempts = attempts
            self.nextAttemptAt = nextAttemptAt
        }
    }

    /// Whose network it is.
    package struct Owner: Hashable, Sendable, Codable {
        /// For people: "task 0123...".
        package var name: String
        package var taskId: String?
        package var sandbox: SandboxAttachmentReference?

        package init(name: String, taskId: String? = nil, sandbox: SandboxAttachmentReference? = nil) {
            self.name = name
            self.taskId = taskId
            self.sandbox = sandbox
        }
    }

    /// Seconds between two runs; 0 where there are none but those that something asks for.
    package var interval: Double
    package var lastRun: Run?
    /// How many of each kind were repaired since the daemon's start: `link`, `address`, `route`, ...
    package var repairs: [String: Int]
    /// How many of each kind were removed since the daemon's start.
    package var removals: [String: Int]
    package var failures: [Failure]

    package init(
        interval: Double, lastRun: Run?, repairs: [String: Int], removals: [String: Int], failures: [Failure]
    ) {
        self.interval = interval
        self.lastRun = lastRun
        self.repairs = repairs
        self.removals = removals
        self.failures = failures
    }
}

extension TaskNetworkAPI {
    /// Tells how the kernel was compared last, and what cannot be put right.
    package enum DescribeReconciliation: APIOperation {
        package static let target = "\(APITarget.taskNetwork).DescribeReconciliation"

        package struct Input: Hashable, Sendable, Codable {
            package init() {}
        }

        package typealias Output = ReconciliationDescription
    }

    /// Compares everything with the kernel now, puts right what differs, and removes what is nobody's. Answers when that
    /// is done, with the run as the last one.
    package enum Reconcile: APIOperation {
        package static let target = "\(APITarget.taskNetwork).Reconcile"

        package struct Input: Hashable, Sendable, Codable {
            package init() {}
        }

        package typealias Output = ReconciliationDescription
    }
}
