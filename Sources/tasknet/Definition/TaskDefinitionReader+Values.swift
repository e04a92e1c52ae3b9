// SPDX-License-Identifier: Apache-2.0

import JSON

extension TaskDefinitionReader {
    /// `value` in the given shape; nil when it is left out or refused, which has then been noted.
    mutating func value(_ value: JSONNode, _ shape: DocumentShape, path: String) -> JSONNode? {
        if case .null = value.kind {
            warn(.type, path, value.position, "null says nothing; left out")
            return nil
        }
        switch shape {
        case .string(let choices): return string(value, oneOf: choices, path: path)
        case .size(let example): return size(value, example: example, path: path)
        case .integer: return integer(value, path: path)
        case .boolean: return boolean(value, path: path)
        case .map: return map(value, path: path)
        case .list(let element): return list(value, of: element, path: path)
        case .command: return command(value, path: path)
        case .pairs(let key): return pairs(value, key: key, path: path)
        case .portMappings: return portMappings(value, path: path)
        case .structure(let members): return structure(value, members, path: path, level: .other)
        }
    }

    private mutating func string(_ value: JSONNode, oneOf choices: [String], path: String) -> JSONNode? {
        switch value.kind {
        case .string(let text):
            guard !choices.isEmpty, !choices.contains(text),
                let choice = choices.first(where: { Spelling.folded($0) == Spelling.folded(text) })
            else {
                return value
            }
            warn(.capitals, path, value.position, "\(value.compactText) is taken as \"\(choice)\"")
            return JSONNode(.string(choice), at: value.position)
        case .number(let literal):
            warn(.type, path, value.position, "the number \(literal) is taken as the string \"\(literal)\"")
            return JSONNode(.string(literal), at: value.position)
        case .boolean(let flag):
            if choices.contains("ENABLED") {
                let choice = flag ? "ENABLED" : "DISABLED"
                warn(.type, path, value.position, "\(flag) is taken as \"\(choice)\"")
                return JSONNode(.string(choice), at: value.position)
            }
            warn(.type, path, value.position, "\(flag) is taken as the string \"\(flag)\"")
            return JSONNode(.string(String(flag)), at: value.position)
        default:
            return mismatch(value, .string, path: path)
        }
    }

    private mutating func size(_ value: JSONNode, example: String, path: String) -> JSONNode? {
        guard case .number(let literal) = value.kind else { return string(value, oneOf: [], path: path) }
        guard let whole = value.integer else {
            // 0.25 could be a quarter of a CPU or of nothing at all; AWS takes neither without its unit.
            refuse(path, value.position, "\(literal) could mean two things; write \(example)")
            return nil
        }
        warn(.type, path, value.position, "the number \(literal) is taken as the string \"\(whole)\"")
        return JSONNode(.string(String(whole)), at: value.position)
    }

    private mutating func integer(_ value: JSONNode, path: String) -> JSONNode? {
        switch value.kind {
        case .number(let literal):
            guard let whole = value.integer else { return mismatch(value, .integer, path: path) }
            if literal != String(whole) {
                warn(.type, path, value.position, "\(literal) is taken as \(whole)")
            }
            return JSONNode(.number(String(whole)), at: value.position)
        case .string(let text):
            let digits = text.filter { $0 != " " }
            guard let whole = Int(digits), digits.first != "+" else { return mismatch(value, .integer, path: path) }
            warn(.type, path, value.position, "the string \(value.compactText) is taken as the number \(whole)")
            return JSONNode(.number(String(whole)), at: value.position)
        default:
            return mismatch(value, .integer, path: path)
        }
    }

    private mutating func boolean(_ value: JSONNode, path: String) -> JSONNode? {
        let flag: Bool
        switch value.kind {
        case .boolean: return value
        case .string(let text) where text.lowercased() == "true": flag = true
        case .string(let text) where text.lowercased() == "false": flag = false
        case .number("1"): flag = true
        case .number("0"): flag = false
        default: return mismatch(value, .boolean, path: path)
        }
        warn(.type, path, value.position, "\(value.compactText) is taken as \(flag)")
        return JSONNode(.boolean(flag), at: value.position)
    }

    private mutating func map(_ value: JSONNode, path: String) -> JSONNode? {
        guard let members = value.members else { return mismatch(value, .map, path: path) }
        var kept: [JSONMember] = []
        for member in withoutDoubles(members, path: path) {
            guard let text = self.value(member.value, .string, path: Self.path(path, member.key)) else { continue }
            kept.append(JSONMember(member.key, at: member.keyPosition, text))
        }
        return JSONNode(.object(kept), at: value.position)
    }

    /// Notes that a value has the wrong type.
    private mutating func mismatch(_ value: JSONNode, _ shape: DocumentShape, path: String) -> JSONNode? {
        if let function = value.members?.first, value.members?.count == 1,
            function.key == "Ref" || function.key.hasPrefix("Fn::")
        {
            refuse(path, value.position, "\(function.key) is a function of CloudFormation's; write its value")
            return nil
        }
        let found: String
        switch value.kind {
        case .number(let literal): found = "the number \(literal)"
        case .string(let text) where text.utf8.count <= 40: found = "the string \(value.compactText)"
        default: found = value.kindName
        }
        refuse(path, value.position, "\(shape.name) is expected, not \(found)")
        return nil
    }
}

// MARK: - Lists

extension TaskDefinitionReader {
    private mutating func list(_ value: JSONNode, of shape: DocumentShape, path: String) -> JSONNode? {
        let elements: [JSONNode]
        if let given = value.elements {
            elements = given
        } else if mayStandAlone(value, shape) {
            warn(.type, path, value.position, "\(value.kindName) is taken as a list of one")
            elements = [value]
        } else {
            return mismatch(value, .list(of: shape), path: path)
        }
        var kept: [JSONNode] = []
        for (index, element) in elements.enumerated() {
            let path = "\(path)[\(index)]"
            let level: Level = isContainers(shape, path: path) ? .container : .other
            if case .structure(let members) = shape, element.members != nil {
                if let read = structure(element, members, path: path, level: level) { kept.append(read) }
            } else if let read = self.value(element, shape, path: path) {
                kept.append(read)
            }
        }
        return JSONNode(.array(kept), at: value.position)
    }

    private func isContainers(_ shape: DocumentShape, path: String) -> Bool {
        guard case .structure(let members) = shape else { return false }
        return members["portMappings"] != nil
    }

    private func mayStandAlone(_ value: JSONNode, _ element: DocumentShape) -> Bool {
        switch (value.kind, element) {
        case (.string, .string), (.number, .integer): true
        case (.object(let members), .structure(let known)): members.contains { known[$0.key] != nil }
        default: false
        }
    }

    private mutating func command(_ value: JSONNode, path: String) -> JSONNode? {
        if let text = value.string {
            let whole = JSONNode.string(text).compactText
            let mend = text.utf8.count <= 60 ? whole : "\"…\""
            refuse(
                path, value.position,
                "a list of strings is expected, one for each argument; for a shell line write [\"sh\", \"-c\", \(mend)]"
            )
            return nil
        }
        guard value.elements != nil else { return mismatch(value, .command, path: path) }
        return list(value, of: .string, path: path)
    }

    private mutating func pairs(_ value: JSONNode, key: String, path: String) -> JSONNode? {
        let shape = DocumentShape.structure([key: .string, "value": .string])
        let form = "[{\"\(key)\": …, \"value\": …}]"
        if let members = value.members, value[key] == nil || value["value"] == nil {
            let isFunction = members.count == 1 && (members[0].key == "Ref" || members[0].key.hasPrefix("Fn::"))
            if isFunction { return mismatch(value, .pairs(key: key), path: path) }
            warn(.type, path, value.position, "a map is taken as a list: \(form)")
            var kept: [JSONNode] = []
            for member in withoutDoubles(members, path: path) {
                let path = Self.path(path, member.key)
                guard let text = self.value(member.value, .string, path: path) else { continue }
                kept.append(.object([JSONMember(key, .string(member.key)), JSONMember("value", text)]))
            }
            return JSONNode(.array(kept), at: value.position)
        }
        guard let elements = value.elements else { return list(value, of: shape, path: path) }
        let spread = elements.enumerated().map { index, element -> JSONNode in
            guard let text = element.string, let sign = text.firstIndex(of: "="), sign > text.startIndex else {
                return element
            }
            let name = String(text[..<sign])
            warn(
                .type, "\(path)[\(index)]", element.position,
                "\(JSONNode.string(name).compactText) is taken out of \"NAME=value\"; the API wants \(form)")
            return JSONNode(
                .object([
                    JSONMember(key, .string(name)), JSONMember("value", .string(String(text[sign...].dropFirst()))),
                ]), at: element.position)
        }
        return list(JSONNode(.array(spread), at: value.position), of: shape, path: path)
    }

    private mutating func portMappings(_ value: JSONNode, path: String) -> JSONNode? {
        let shape = DocumentShape.structure(DocumentMembers.portMapping)
        guard let elements = value.elements else {
            if value.members == nil, value.integer != nil || value.string != nil {
                return portMappings(JSONNode(.array([value]), at: value.position), path: path)
            }
            return list(value, of: shape, path: path)
        }
        let spread = elements.enumerated().map { index, element -> JSONNode in
            guard let port = element.integer ?? element.string.flatMap({ Int($0) }) else { return element }
            warn(
                .type, "\(path)[\(index)]", element.position,
                "\(element.compactText) is taken as {\"containerPort\": \(port)}")
            return JSONNode(.object([JSONMember("containerPort", .number(port))]), at: element.position)
        }
        return list(JSONNode(.array(spread), at: value.position), of: shape, path: path)
    }
}
