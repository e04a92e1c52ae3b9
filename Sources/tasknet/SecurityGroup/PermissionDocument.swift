// SPDX-License-Identifier: Apache-2.0

import ECSAPI
import JSON
import VPC

/// EC2's `IpPermissions` in a file: a list, one alone, or a document that has them as a member: a request, a group, or
/// what `aws ec2 describe-security-groups` and `tasknet sg show --json` print, with one group.
struct PermissionDocument: Sendable {
    /// Larger files are not read.
    static let limit = 1 << 20

    var permissions: [IpPermission]

    /// - Parameter isEgress: whether a group's outbound rules are wanted, where it has both.
    static func read(_ bytes: [UInt8], isEgress: Bool = false) throws(DocumentError) -> PermissionDocument {
        guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
        let document: JSONNode
        do {
            document = try JSONParser.parse(bytes)
        } catch {
            throw .notJSON(error)
        }
        let (root, place) = try group(in: document)
        let names = ["IpPermissions", "ipPermissions"]
        let member = (isEgress ? names.map { $0 + "Egress" } + names : names).first { root[$0] != nil }
        let list = member.flatMap { root[$0] } ?? root
        var permissions: [IpPermission] = []
        let elements = list.elements
        for (index, element) in (elements ?? [list]).enumerated() {
            let path = place + (member ?? "") + (elements == nil ? "" : "[\(index)]")
            do {
                permissions.append(try element.decoded(as: IpPermission.self))
            } catch let error as DecodingError {
                throw refusal(path, element, error.place.map { "\($0): \(error.reason)" } ?? error.reason)
            } catch {
                throw refusal(path, element, "\(error)")
            }
        }
        guard !permissions.isEmpty else { throw refusal(place + (member ?? ""), list, "there is no permission in it") }
        return PermissionDocument(permissions: permissions)
    }

    /// The one group of a description of groups, with its place; otherwise the document itself.
    private static func group(in document: JSONNode) throws(DocumentError) -> (JSONNode, String) {
        let member = "SecurityGroups"
        guard let list = document[member] else {
            if let rules = document["SecurityGroupRules"] {
                throw refusal(
                    "SecurityGroupRules", rules,
                    "rules one by one are not taken; give what describe-security-groups prints of the group")
            }
            return (document, "")
        }
        guard let groups = list.elements, groups.count == 1 else {
            let count = list.elements.map { "has \($0.count)" } ?? "is \(list.kindName)"
            throw refusal(member, list, "one group is expected and it \(count); give .SecurityGroups[0].IpPermissions")
        }
        return (groups[0], "\(member)[0].")
    }

    private static func refusal(_ path: String, _ node: JSONNode, _ message: String) -> DocumentError {
        .refused([DocumentNote(kind: .refusal, path: path, position: node.position, message: message)])
    }
}

/// Permissions on disk.
struct PermissionFile {
    var path: String

    func read(isEgress: Bool) throws -> [IpPermission] {
        let file = InputFile(path: path)
        let bytes = try file.read(limit: PermissionDocument.limit)
        do throws(DocumentError) {
            return try PermissionDocument.read(bytes, isEgress: isEgress).permissions
        } catch {
            for line in error.lines(file: file.shownName) { Terminal.writeError(line + "\n") }
            throw CommandFailure("", .badData)
        }
    }
}
