// SPDX-License-Identifier: Apache-2.0

import JSON

/// A task definition as people write it, read as the API takes it.
///
/// What is harmless is mended and told; what could mean two things is refused with its place.
struct TaskDefinitionDocument: Sendable {
    /// AWS's own limit; a larger one is worth a warning.
    static let awsLimit = 64 << 10
    /// Nothing larger is read at all.
    static let limit = 1 << 20

    /// The input of `RegisterTaskDefinition`.
    var definition: JSONNode
    /// `{"awsvpcConfiguration": {…}}`, when the file says where its task belongs.
    var networkConfiguration: JSONNode?
    var warnings: [DocumentNote] = []

    /// Reads a file's bytes. `defaultFamily` stands in for a family that is not given (the file's name, mostly).
    static func read(_ bytes: [UInt8], defaultFamily: String? = nil) throws(DocumentError) -> TaskDefinitionDocument {
        guard bytes.count <= limit else {
            throw .tooLarge(limit: limit, others: "AWS takes task definitions of up to 64 KiB")
        }
        let root: JSONNode
        do {
            root = try JSONParser.parse(bytes)
        } catch {
            throw .notJSON(error)
        }
        var reader = TaskDefinitionReader(defaultFamily: defaultFamily)
        let document = reader.read(root)
        if !reader.refusals.isEmpty { throw .refused(reader.refusals.inOrder) }
        return document
    }
}
