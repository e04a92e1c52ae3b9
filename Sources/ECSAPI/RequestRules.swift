// SPDX-License-Identifier: Apache-2.0
package import TaskDefinitions
package import VPC

/// How many items an answer may have.
package enum PageSize {
    package static let most = 100

    package static func validate(_ maxResults: Int?) throws(ValidationFailure) {
        guard let maxResults, !(1...most).contains(maxResults) else { return }
        throw ValidationFailure(.invalidParameter, "maxResults must be 1 to \(most).", detail: "it is \(maxResults)")
    }
}

/// Free texts of requests: they end up in logs, tables and the environment of containers.
enum RequestText {
    static func validate(_ text: String?, member: String, most: Int) throws(ValidationFailure) {
        guard let text else { return }
        if text.unicodeScalars.count > most {
            throw ValidationFailure(.invalidParameter, "\(member) can have at most \(most) characters.")
        }
        if text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) {
            throw ValidationFailure(.invalidParameter, "\(member) contains invalid characters.")
        }
    }
}

extension ResourceTag {
    /// Checks tags by the limits that AWS's model states.
    package static func validate(_ tags: [ResourceTag]?) throws(ValidationFailure) {
        guard let tags else { return }
        if tags.count > 50 {
            throw ValidationFailure(
                .invalidParameter, "tags can have at most 50 items.", detail: "\(tags.count) are given")
        }
        var seen: Set<String> = []
        for tag in tags {
            let key = tag.key ?? ""
            if key.isEmpty { throw ValidationFailure(.invalidParameter, "Tag keys can not be empty.") }
            try RequestText.validate(key, member: "A tag key", most: 128)
            try RequestText.validate(tag.value, member: "The value of tag '\(key)'", most: 256)
            if key.lowercased().hasPrefix("aws:") {
                throw ValidationFailure(
                    .invalidParameter, "aws: prefixed tag key names are not allowed for external use.",
                    detail: key.shortened)
            }
            if !seen.insert(key).inserted {
                throw ValidationFailure(.invalidParameter, "Duplicate tag keys are not allowed.", detail: key)
            }
        }
        _ = try TaskRestartPolicy(tags)
    }
}
