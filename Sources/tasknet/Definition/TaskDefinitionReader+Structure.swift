// SPDX-License-Identifier: Apache-2.0

import JSON

extension TaskDefinitionReader {
    /// The members of an object under the names that the API gives them; nil when it is no object.
    mutating func structure(
        _ value: JSONNode, _ known: [String: DocumentShape], path: String, level: Level
    ) -> JSONNode? {
        guard let members = value.members else {
            refuse(path, value.position, "an object is expected, not \(value.kindName)")
            return nil
        }
        if level != .task, members.count == 1, members[0].key == "Ref" || members[0].key.hasPrefix("Fn::") {
            refuse(path, value.position, "\(members[0].key) is a function of CloudFormation's; write its value")
            return nil
        }
        var kept: [JSONMember] = []
        var readOnly: [JSONMember] = []
        for member in withoutDoubles(members, path: path) {
            let memberPath = Self.path(path, member.key)
            if let shape = known[member.key] {
                guard let read = self.value(member.value, shape, path: memberPath) else { continue }
                kept.append(JSONMember(member.key, at: member.keyPosition, read))
            } else if level == .task, DocumentMembers.readOnly.contains(member.key) {
                readOnly.append(member)
            } else if let name = otherSpelling(of: member.key, in: known) {
                if members.contains(where: { $0.key == name }) || kept.contains(where: { $0.key == name }) {
                    warn(.duplicate, memberPath, member.keyPosition, "\(name) is given too; this one is left out")
                    continue
                }
                warn(.capitals, memberPath, member.keyPosition, "read as \(name)")
                guard let shape = known[name],
                    let read = self.value(member.value, shape, path: memberPath)
                else { continue }
                kept.append(JSONMember(name, at: member.keyPosition, read))
            } else {
                unknown(member, path: memberPath, known: known, level: level)
            }
        }
        if let first = readOnly.first {
            warn(
                .readOnly, path, first.keyPosition,
                "left out, as they are describe-task-definition's: "
                    + readOnly.map(\.key).joined(separator: ", "))
        }
        return JSONNode(.object(kept), at: value.position)
    }

    private func otherSpelling(of key: String, in known: [String: DocumentShape]) -> String? {
        let folded = Spelling.folded(key)
        return known.keys.first { Spelling.folded($0) == folded }
    }

    /// Of members with the same key the last, as every JSON library has it.
    mutating func withoutDoubles(_ members: [JSONMember], path: String) -> [JSONMember] {
        var places: [String: Int] = [:]
        var kept: [JSONMember] = []
        for member in members {
            if let place = places[member.key] {
                let first = kept[place].keyPosition.map { " (also at \($0))" } ?? ""
                warn(
                    .duplicate, Self.path(path, member.key), member.keyPosition,
                    "given twice\(first); the last one counts")
                kept[place] = member
            } else {
                places[member.key] = kept.count
                kept.append(member)
            }
        }
        return kept
    }

    /// A key that the object does not have: for elsewhere, or for nothing.
    mutating func unknown(
        _ member: JSONMember, path: String, known: [String: DocumentShape], level: Level
    ) {
        let stray = { (key: String) in
            Stray(key: key, value: member.value, path: path, position: member.keyPosition)
        }
        if level != .other {
            if let key = networkKey(member.key) {
                network.append(stray(key))
                return
            }
            if level != .task, let key = otherSpelling(of: member.key, in: DocumentMembers.task) {
                raised.append(stray(key))
                return
            }
            if level != .container, let key = otherSpelling(of: member.key, in: DocumentMembers.container) {
                lowered.append(stray(key))
                return
            }
            let folded = Spelling.folded(member.key)
            if let run = DocumentMembers.run.first(where: { Spelling.folded($0.key) == folded }) {
                warn(
                    .place, path, member.keyPosition,
                    "belongs to a run or a service, not to a task definition (\(run.value)); ignored")
                return
            }
        }
        let nearest = Spelling.nearest(to: member.key, among: known.keys)
        let question = nearest.map { " (did you mean \($0)?)" } ?? ""
        warn(.unknown, path, member.keyPosition, "ignored: the ECS API has no such member\(question)")
    }

    /// The name that the run's network configuration has for it.
    private func networkKey(_ key: String) -> String? {
        switch Spelling.folded(key) {
        case "networkconfiguration": "networkConfiguration"
        case "awsvpcconfiguration": "awsvpcConfiguration"
        case "subnets", "subnet", "subnetids", "subnetid": "subnets"
        case "securitygroups", "securitygroup", "securitygroupids", "securitygroupid": "securityGroups"
        case "assignpublicip": "assignPublicIp"
        default: nil
        }
    }
}

extension JSONNode {
    /// Adds a member to an object.
    mutating func insert(_ key: String, _ value: JSONNode, first: Bool = false) {
        guard var members else { return }
        members.insert(JSONMember(key, value), at: first ? 0 : members.count)
        kind = .object(members)
    }

    mutating func remove(_ key: String) {
        guard let members else { return }
        kind = .object(members.filter { $0.key != key })
    }

    /// Changes the elements of a member that is a list, in place.
    mutating func mapElements(of key: String, _ change: (Int, inout JSONNode) -> Void) {
        guard var members, let place = members.lastIndex(where: { $0.key == key }),
            var elements = members[place].value.elements
        else { return }
        for index in elements.indices { change(index, &elements[index]) }
        members[place].value.kind = .array(elements)
        kind = .object(members)
    }
}
