// SPDX-License-Identifier: Apache-2.0
import VPC

/// A cluster as requests name it: by name, by ARN, or not at all.
package enum ClusterReference {
    package static let defaultName = "default"

    /// The name that `text` stands for.
    ///
    /// - Throws: `ClusterNotFoundException` for what cannot be a cluster's name.
    package static func name(of text: String?) throws(APIError) -> String {
        guard let text, !text.isEmpty else { return defaultName }
        guard text.utf8.contains(UInt8(ascii: ":")) else { return text }
        guard let arn = ClusterARN(text) else { throw .clusterNotFound }
        return arn.name
    }
}

/// A task as requests name it: by id or by ARN, the old form (`task/<id>`) included.
package enum TaskReference {
    /// The id that `text` stands for: 32 hexadecimal digits, safe as a file's name.
    ///
    /// - Throws: `InvalidParameterException`
    package static func id(of text: String) throws(APIError) -> String {
        var id = text
        if text.utf8.contains(UInt8(ascii: ":")) {
            guard let (_, resource) = ARNScope.split(text), resource[0] == "task", resource.count <= 3,
                let last = resource.last
            else { throw .invalidParameter("Invalid arn syntax. (\(text.shortened.debugDescription) is not a task's)") }
            id = last
        }
        if id.utf8.count != 32, id.utf8.count != 36 {
            throw .invalidParameter("taskId length should be one of [32,36] (\(id.shortened.debugDescription))")
        }
        guard ResourceID.isTaskID(id) else {
            throw .invalidParameter(
                "Invalid identifier: \(id.debugDescription) (a task's id is 32 hexadecimal digits in lower case)")
        }
        return id
    }
}

/// A task definition as requests name it: `family`, `family:revision` or an ARN.
package struct TaskDefinitionReference: Hashable, Sendable, CustomStringConvertible {
    package var family: String
    /// nil means the latest that is active.
    package var revision: Int?

    package init(family: String, revision: Int? = nil) {
        self.family = family
        self.revision = revision
    }

    /// - Throws: `InvalidParameterException` for an empty text, `ClientException`
    package init(parsing text: String) throws(APIError) {
        if text.isEmpty { throw .invalidParameter("TaskDefinition can not be blank.") }
        if text.hasPrefix("arn:") {
            guard let arn = TaskDefinitionARN(text) else {
                throw .client("Invalid arn syntax. (\(text.shortened.debugDescription) is not a task definition's)")
            }
            self.init(family: arn.family, revision: arn.revision)
            return
        }
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        self.init(family: String(parts[0]))
        if family.isEmpty { throw .client("Family should not be null or empty.") }
        if parts.count == 2 {
            guard let revision = Int(parts[1]), revision > 0 else {
                throw .client("Invalid revision number. Number: \(String(parts[1]).shortened)")
            }
            self.revision = revision
        }
    }

    package var description: String { revision.map { "\(family):\($0)" } ?? family }
}
