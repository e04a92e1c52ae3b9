// SPDX-License-Identifier: Apache-2.0
package import VPC

/// Something that has happened, as it is listed.
package struct Event: Hashable, Sendable, Codable {
    /// Grows by one with each event.
    package var sequence: Int64
    package var time: Timestamp
    package var kind: EventKind
    /// What it happened to: a task's id, an ENI's, a container's name, a link's.
    package var subject: String
    package var taskArn: String?
    package var fromStatus: String?
    package var toStatus: String?
    package var cause: String?

    package init(sequence: Int64, time: Timestamp, kind: EventKind, subject: String) {
        self.sequence = sequence
        self.time = time
        self.kind = kind
        self.subject = subject
    }
}

extension TaskNetworkAPI {
    /// Lists what has happened, and waits for what will, where that is asked for.
    package enum ListEvents: APIOperation {
        package static let target = "\(APITarget.taskNetwork).ListEvents"

        /// In seconds: less than a connection may be silent.
        package static let longestWait = 20
        package static let largestPage = 1000

        package struct Input: Hashable, Sendable, Codable {
            package var cluster: String?
            /// Only events after this number.
            package var afterSequence: Int64?
            /// Ids or ARNs; nil means all events, also those of no task.
            package var tasks: [String]?
            package var kinds: [EventKind]?
            package var since: Timestamp?
            /// The oldest first, unless it is DESC.
            package var sort: ListTaskDefinitions.SortOrder?
            /// How long an answer without events is held back for one, in seconds.
            package var waitSeconds: Int?
            package var maxResults: Int?
            package var nextToken: String?

            package init(cluster: String? = nil, afterSequence: Int64? = nil) {
                self.cluster = cluster
                self.afterSequence = afterSequence
            }

            package func validate() throws(ValidationFailure) {
                try require(
                    maxResults.map { (1...largestPage).contains($0) }, "maxResults must be 1 to \(largestPage).")
                try require(
                    waitSeconds.map { (0...longestWait).contains($0) }, "waitSeconds must be 0 to \(longestWait).")
                try require(afterSequence.map { $0 >= 0 }, "afterSequence must be 0 or more.")
                try require(tasks.map { $0.count <= 100 }, "tasks can have at most 100 items.")
                try require(
                    (kinds ?? []).allSatisfy { EventKind.all.contains($0) },
                    "kinds can be \(EventKind.all.map(\.rawValue).joined(separator: ", ")).")
                let isWaiting = (waitSeconds ?? 0) > 0
                try require(!isWaiting || sort != .descending, "waitSeconds goes with the order ASC.")
            }

            private func require(_ holds: Bool?, _ message: String) throws(ValidationFailure) {
                guard holds == false else { return }
                throw ValidationFailure(.invalidParameter, message)
            }
        }

        package struct Output: Hashable, Sendable, Codable {
            package var events: [Event]
            /// Where a list that is longer goes on.
            package var nextToken: String?
            /// Up to which number there is nothing else of what was asked for: what comes later is after it.
            package var lastSequence: Int64
            /// The oldest event that is kept. Where it is larger than the number after `afterSequence`, some are gone.
            package var firstSequence: Int64

            package init(events: [Event], nextToken: String?, lastSequence: Int64, firstSequence: Int64) {
                self.events = events
                self.nextToken = nextToken
                self.lastSequence = lastSequence
                self.firstSequence = firstSequence
            }
        }
    }
}
