// SPDX-License-Identifier: Apache-2.0
package import VPC

extension TaskDefinition {
    private static let mostContainers = 10

    /// Checks the definition by AWS's rules, with AWS's texts.
    ///
    /// What passes is safe to work with: names are usable as file names, texts can be given to programs, paths stay
    /// inside the container.
    package func validate() throws(ValidationFailure) {
        try validateFamily()
        try validateVolumes()
        if containerDefinitions.isEmpty {
            throw client("Container list cannot be empty.", "containerDefinitions has to name at least one container")
        }
        if containerDefinitions.count > Self.mostContainers {
            throw client(
                "Too many containers.",
                "\(containerDefinitions.count) are defined, at most \(Self.mostContainers) can be")
        }
        for (index, container) in containerDefinitions.enumerated() { try container.validate(at: index, in: self) }
        try validateNames()
        if !containerDefinitions.contains(where: \.isEssential) {
            throw client("Task definition doesn't have any essential container.", "set essential to true in one")
        }
        try validatePorts()
        try validatePortNames()
        try validateDependencies()
        try validateSize()
    }

    func client(_ message: String, _ detail: String? = nil) -> ValidationFailure {
        ValidationFailure(.client, message, detail: detail)
    }

    private func validateFamily() throws(ValidationFailure) {
        if family.isEmpty { throw client("Family should not be null or empty.") }
        if !Text.isName(family) {
            throw client(
                "Family contains invalid characters.",
                "\(family.shortened.debugDescription): up to 255 letters, digits, hyphens and underscores are allowed")
        }
    }

    private func validateNames() throws(ValidationFailure) {
        var seen: Set<String> = []
        for container in containerDefinitions where !seen.insert(container.name).inserted {
            throw client(
                "Container names must be unique within a Task Definition.",
                "'\(container.name)' is there more than once")
        }
    }

    private func validateVolumes() throws(ValidationFailure) {
        var seen: Set<String> = []
        for volume in volumes ?? [] {
            let name = volume.name ?? ""
            if name.isEmpty { throw client("Volume.name should not be null or empty.") }
            if !Text.isName(name) {
                throw client(
                    "Volume.name contains invalid characters.",
                    "\(name.shortened.debugDescription): up to 255 letters, digits, hyphens and underscores are allowed"
                )
            }
            if !seen.insert(name).inserted { throw client("Volume names must be unique.", "'\(name)' is there twice") }
            if let path = volume.host?.sourcePath {
                if path.isEmpty {
                    throw client(
                        "host.sourcePath should not be blank.", "volume '\(name)': leave host out for an empty volume")
                }
                if path.utf8.first != UInt8(ascii: "/") || Text.containsNUL(path) {
                    throw client(
                        "host.sourcePath should be an absolute path.",
                        "volume '\(name)': \(path.shortened.debugDescription)")
                }
            }
        }
    }
}
