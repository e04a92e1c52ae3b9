// SPDX-License-Identifier: Apache-2.0

/// A file has a text. Its directory is somebody else's.
package struct FileRequirement: Hashable, Sendable, Codable {
    package let path: AbsolutePath
    package let contents: String

    package init(path: AbsolutePath, contents: String) {
        self.path = path
        self.contents = contents
    }
}

extension FileRequirement: RequirementKind {
    var label: String { "file \(path)" }
}
