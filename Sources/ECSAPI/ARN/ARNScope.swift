// SPDX-License-Identifier: Apache-2.0

/// What all resource names (ARNs) of one host have in common: `arn:<partition>:ecs:<region>:<account>:`.
package struct ARNScope: Hashable, Sendable, CustomStringConvertible {
    package var partition: String
    package var region: String
    package var accountID: String

    package init(partition: String = "aws", region: String, accountID: String) {
        self.partition = partition
        self.region = region
        self.accountID = accountID
    }

    /// With the colon at its end.
    package var description: String { "arn:\(partition):ecs:\(region):\(accountID):" }

    /// The scope of an ARN of ECS and the resource behind it; nil for any other text.
    package static func split(_ text: String) -> (scope: ARNScope, resource: [String])? {
        // A resource has colons only in a task definition's revision, which stays with it.
        let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 6, parts[0] == "arn", parts[2] == "ecs", !parts[1].isEmpty else { return nil }
        let resource = parts[5].split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard resource.count >= 2, resource.allSatisfy({ !$0.isEmpty }) else { return nil }
        return (ARNScope(partition: parts[1], region: parts[3], accountID: parts[4]), resource)
    }
}

/// The name of one kind of resource: printed and parsed.
package protocol ResourceARN: Hashable, Sendable, LosslessStringConvertible {
    var scope: ARNScope { get }
}
