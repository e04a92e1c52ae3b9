// SPDX-License-Identifier: Apache-2.0

/// The namespaces that are ready for tasks.
package struct WarmPoolDescription: Hashable, Sendable, Codable {
    /// How many are kept when no task asks for any; 0 where there is no pool.
    package var minimum: Int
    package var maximum: Int
    /// How many there ought to be now.
    package var target: Int
    /// How many there are.
    package var ready: Int
    /// Tasks that took one since the daemon's start.
    package var taken: Int
    /// Tasks that could have taken one, and found none that fits.
    package var missed: Int
    /// Why none can be made; nil where the last one could.
    package var failure: String?

    package init(
        minimum: Int, maximum: Int, target: Int, ready: Int, taken: Int, missed: Int, failure: String? = nil
    ) {
        self.minimum = minimum
        self.maximum = maximum
        self.target = target
        self.ready = ready
        self.taken = taken
        self.missed = missed
        self.failure = failure
    }
}

extension TaskNetworkAPI {
    /// Tells of the namespaces that are ready for tasks.
    package enum DescribeWarmPool: APIOperation {
        package static let target = "\(APITarget.taskNetwork).DescribeWarmPool"

        package struct Input: Hashable, Sendable, Codable {
            package init() {}
        }

        package typealias Output = WarmPoolDescription
    }
}
