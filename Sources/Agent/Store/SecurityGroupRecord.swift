// SPDX-License-Identifier: Apache-2.0
package import VPC

/// A security group that was made by the API. Those of the configuration are in no store.
package struct SecurityGroupRecord: Codable, Sendable, Equatable {
    package var group: SecurityGroup
    package var createdAt: Timestamp

    package init(group: SecurityGroup, createdAt: Timestamp) {
        self.group = group
        self.createdAt = createdAt
    }
}
