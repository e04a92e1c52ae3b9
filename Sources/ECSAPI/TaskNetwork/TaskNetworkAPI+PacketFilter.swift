// SPDX-License-Identifier: Apache-2.0

extension TaskNetworkAPI {
    /// Compares what the kernel's packet filter has of security groups with what it ought to have.
    package enum DescribePacketFilter: APIOperation {
        package static let target = "\(APITarget.taskNetwork).DescribePacketFilter"

        package struct Input: Hashable, Sendable, Codable {
            package init() {}
        }

        package struct Output: Hashable, Sendable, Codable {
            /// What is other than it ought to be, in words. Empty when security groups are enforced as described.
            package var drift: [String]

            package init(drift: [String]) {
                self.drift = drift
            }
        }
    }
}
