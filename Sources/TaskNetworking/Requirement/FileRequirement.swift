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
    var scope: RequirementScope { .host }

    /// Written in place: a container that has the file bound into it sees the new text too.
    func apply(in ground: Ground) throws -> ApplyOutcome {
        let existing = try PlainFile.read(path)
        if existing == contents { return .found }
        try PlainFile.write(contents, to: path)
        return existing == nil ? .made : .found
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        guard let found = try PlainFile.read(path) else { return [.missing] }
        return found == contents ? [] : [Difference(expected: "its text", found: "another text")]
    }

    func undo(in ground: Ground) throws { try PlainFile.remove(path) }
}
