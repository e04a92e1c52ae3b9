// SPDX-License-Identifier: Apache-2.0

import ECSAPI
import JSON
import VPC

/// EC2's `IpPermissions` in a file: a list, one alone, or a document that has them as a member, as
/// `aws ec2 describe-security-groups` prints one for a group.
struct PermissionDocument: Sendable {
    /// Larger files are not read.
    static let limit = 1 << 20

    var permissions: [IpPermission]

    static func read(_ bytes: [UInt8]) throws(DocumentError) -> PermissionDocument {
        guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
        let root: JSONNode
        do {
            root = try JSONParser.parse(bytes)
        } catch {
            throw .notJSON(error)
        }
        let member = ["IpPermissions", "ipPermissions"].first { root[$0] != nil }
        let list = member.flatMap { root[$0] } ?? root
        var permissions: [IpPermission] = []
        let elements = list.elements
        for (index, element) in (elements ?? [list]).enumerated() {
            let path = (member ?? "") + (elements == nil ? "" : "[\(index)]")
            do {
                permissions.append(try element.decoded(as: IpPermission.self))
            } catch let error as DecodingError {
                throw refusal(path, element, error.place.map { "\($0): \(error.reason)" } ?? error.reason)
            } catch {
                throw refusal(path, element, "\(error)")
            }
        }
        guard !permissions.isEmpty else { throw refusal(member ?? "", list, "there is no permission in it") }
        return PermissionDocument(permissions: permissions)
    }

    private static func refusal(_ path: String, _ node: JSONNode, _ message: String) -> DocumentError {
        .refused([DocumentNote(kind: .refusal, path: path, position: node.position, message: message)])
    }
}

/// Permissions on disk.
struct PermissionFile {
    var path: String

    func read() throws -> [IpPermission] {
        let file = InputFile(path: path)
        let bytes = try file.read(limit: PermissionDocument.limit)
        do throws(DocumentError) {
            return try PermissionDocument.read(bytes).permissions
        } catch {
            for line in error.lines(file: file.shownName) { Terminal.writeError(line + "\n") }
            throw CommandFailure("", .badData)
        }
    }
}
