// SPDX-License-Identifier: Apache-2.0
package import FoundationEssentials
package import VPC

extension Timestamp {
    /// The present moment.
    package static func now() -> Timestamp { Timestamp(Date()) }

    package init(_ date: Date) {
        self.init(millisecondsSince1970: Int64(exactly: (date.timeIntervalSince1970 * 1000).rounded()) ?? .max)
    }

    package var date: Date { Date(timeIntervalSince1970: secondsSince1970) }
}
