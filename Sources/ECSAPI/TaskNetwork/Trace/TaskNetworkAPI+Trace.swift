// SPDX-License-Identifier: Apache-2.0
package import VPC

/// Where the time went for one task, or one ENI of a sandbox.
package struct TaskTrace: Hashable, Sendable, Codable {
    /// From a request to what it asked for: a task that runs, a network that is gone.
    package struct Path: Hashable, Sendable, Codable {
        /// `start` or `stop`.
        package var name: String
        package var startedAt: Timestamp
        /// Nil while it goes on.
        package var totalMicroseconds: Int?

        package init(name: String, startedAt: Timestamp, totalMicroseconds: Int?) {
            self.name = name
            self.startedAt = startedAt
            self.totalMicroseconds = totalMicroseconds
        }
    }

    package struct Step: Hashable, Sendable, Codable {
        /// The path's name.
        package var path: String
        /// Of a fixed list: `network`, `intent`, `host.route`.
        package var name: String
        /// Which of several, in words: "route 10.64.1.4/32 dev tn-0123456789ab", a container's name.
        package var detail: String?
        /// Since the path's beginning.
        package var offsetMicroseconds: Int
        /// Nil while it goes on.
        package var durationMicroseconds: Int?
        /// 0 for what is a part of the path itself.
        package var depth: Int
        /// The step that it is a part of, by its place in the list.
        package var parent: Int?

        package init(
            path: String, name: String, detail: String? = nil, offsetMicroseconds: Int, durationMicroseconds: Int?,
            depth: Int, parent: Int?
        ) {
            self.path = path
            self.name = name
            self.detail = detail
            self.offsetMicroseconds = offsetMicroseconds
            self.durationMicroseconds = durationMicroseconds
            self.depth = depth
            self.parent = parent
        }
    }

    package var taskArn: String?
    package var networkInterfaceId: String?
    package var paths: [Path]
    /// Path by path, each step before its parts.
    package var steps: [Step]
    /// Of all paths together; nil while one goes on.
    package var totalMicroseconds: Int?
    /// What is not known, and why.
    package var notes: [String]

    package init(
        taskArn: String?, networkInterfaceId: String?, paths: [Path] = [], steps: [Step] = [], notes: [String] = []
    ) {
        self.taskArn = taskArn
        self.networkInterfaceId = networkInterfaceId
        self.paths = paths
        self.steps = steps
        self.notes = notes
        let totals = paths.compactMap(\.totalMicroseconds)
        totalMicroseconds = totals.count == paths.count && !paths.isEmpty ? totals.reduce(0, +) : nil
    }
}

extension TaskNetworkAPI {
    /// Tells how long each step of a task's start and end took, or of an ENI's.
    package enum DescribeTaskTrace: APIOperation {
        package static let target = "\(APITarget.taskNetwork).DescribeTaskTrace"

        /// Either a task or an ENI.
        package struct Input: Hashable, Sendable, Codable {
            package var cluster: String?
            /// ARN or id.
            package var task: String?
            package var networkInterfaceId: String?

            package init(cluster: String? = nil, task: String? = nil, networkInterfaceId: String? = nil) {
                self.cluster = cluster
                self.task = task
                self.networkInterfaceId = networkInterfaceId
            }

            package func validate() throws(ValidationFailure) {
                guard (task == nil) == (networkInterfaceId == nil) else { return }
                throw ValidationFailure(.invalidParameter, "One of task and networkInterfaceId must be given.")
            }
        }

        package typealias Output = TaskTrace
    }
}
