// SPDX-License-Identifier: Apache-2.0

import JSON

/// Walks through one document; collects what it mended and what it cannot take.
struct TaskDefinitionReader {
    var warnings: [DocumentNote] = []
    var refusals: [DocumentNote] = []
    let defaultFamily: String?

    /// Members that stood in a container and belong to the task.
    var raised: [Stray] = []
    /// Members that stood beside the containers and belong to one.
    var lowered: [Stray] = []
    /// What the file says about the run's network.
    var network: [Stray] = []

    /// A member met at a level where it does not belong.
    struct Stray {
        var key: String
        var value: JSONNode
        var path: String
        var position: TextPosition?
    }

    /// Which object is being read: it decides what an unknown key may be meant for.
    enum Level {
        case task, container, other
        /// What stands around the definition in the file.
        case around
    }

    init(defaultFamily: String?) {
        self.defaultFamily = defaultFamily
    }

    mutating func read(_ root: JSONNode) -> TaskDefinitionDocument {
        let (object, path) = unwrapped(root)
        var definition = structure(object, DocumentMembers.task, path: path, level: .task) ?? .object([])
        if path == Self.wrapper { readAround(root, into: &definition) }
        placeStrays(in: &definition)
        addFamily(to: &definition, at: object.position)
        if definition["containerDefinitions"] == nil, refusals.isEmpty {
            refuse(path, object.position, "no containerDefinitions: this is not a task definition")
        }
        checkPorts(of: &definition, path: path)
        let size = definition.compactText.utf8.count
        if size > TaskDefinitionDocument.awsLimit {
            warn(.size, "", nil, "\(size) bytes; AWS refuses a task definition of more than 65536 (64 KiB)")
        }
        return TaskDefinitionDocument(
            definition: definition, networkConfiguration: networkConfiguration(), warnings: warnings.inOrder)
    }

    mutating func warn(_ kind: DocumentNote.Kind, _ path: String, _ position: TextPosition?, _ message: String) {
        warnings.append(DocumentNote(kind: kind, path: path, position: position, message: message))
    }

    mutating func refuse(_ path: String, _ position: TextPosition?, _ message: String) {
        refusals.append(DocumentNote(kind: .refusal, path: path, position: position, message: message))
    }

    /// `key` of the object at `path`.
    static func path(_ path: String, _ key: String) -> String {
        let isPlain =
            !key.isEmpty && key.unicodeScalars.allSatisfy { $0.isASCII && $0.properties.isAlphabetic || $0 == "_" }
        let key = isPlain ? key : "[\(JSONNode.string(key).compactText)]"
        return path.isEmpty ? key : isPlain ? "\(path).\(key)" : path + key
    }
}

// MARK: - The whole

extension TaskDefinitionReader {
    /// The definition out of what other tools print around it.
    private mutating func unwrapped(_ root: JSONNode) -> (JSONNode, path: String) {
        if root.elements != nil {
            warn(.place, "", root.position, "a list is taken as the containerDefinitions")
            return (JSONNode(.object([JSONMember("containerDefinitions", root)]), at: root.position), "")
        }
        if let inner = root[Self.wrapper], inner.members != nil { return (inner, Self.wrapper) }
        return unwrappedFromTemplate(root)
    }

    /// What describe-task-definition prints the definition as a member of.
    private static let wrapper = "taskDefinition"

    /// The members beside a definition that is a member itself.
    private mutating func readAround(_ root: JSONNode, into definition: inout JSONNode) {
        for member in withoutDoubles(root.members ?? [], path: "") where member.key != Self.wrapper {
            let path = Self.path("", member.key)
            if member.key == "tags", let shape = DocumentMembers.task[member.key] {
                // Here they stand in what describe-task-definition prints.
                guard definition[member.key] == nil, let tags = value(member.value, shape, path: path) else { continue }
                definition.insert(member.key, tags)
            } else {
                unknown(member, path: path, known: DocumentMembers.task, level: .around)
            }
        }
    }

    /// A task definition of a CloudFormation template, when there is just one.
    private mutating func unwrappedFromTemplate(_ root: JSONNode) -> (JSONNode, path: String) {
        let type = "AWS::ECS::TaskDefinition"
        if root["Type"]?.string == type, let properties = root["Properties"] { return (properties, "Properties") }
        guard let resources = root["Resources"]?.members else { return (root, "") }
        let definitions = resources.filter { $0.value["Type"]?.string == type }
        guard definitions.count == 1, let properties = definitions[0].value["Properties"] else {
            refuse(
                "Resources", root["Resources"]?.position,
                "\(definitions.count) resources of the type \(type); exactly one can be run")
            return (.object([]), "")
        }
        return (properties, Self.path(Self.path("Resources", definitions[0].key), "Properties"))
    }

    private mutating func addFamily(to definition: inout JSONNode, at position: TextPosition?) {
        guard definition["family"] == nil, let family = defaultFamily, refusals.isEmpty else { return }
        warn(.place, "family", position, "missing; the file's name is taken: \(JSONNode.string(family).compactText)")
        definition.insert("family", .string(family), first: true)
    }

    /// In `awsvpc` mode a container's port is the task's: another one on the host cannot be had.
    private mutating func checkPorts(of definition: inout JSONNode, path: String) {
        guard definition["networkMode"]?.string == "awsvpc" else { return }
        let containersPath = Self.path(path, "containerDefinitions")
        definition.mapElements(of: "containerDefinitions") { index, container in
            container.mapElements(of: "portMappings") { portIndex, mapping in
                guard let host = mapping["hostPort"], host.integer != mapping["containerPort"]?.integer else { return }
                let path = "\(containersPath)[\(index)].portMappings[\(portIndex)].hostPort"
                if host.integer == 0 {
                    warn(
                        .ports, path, host.position,
                        "0 asks for a port of the host, which awsvpc has no need of; left out")
                    mapping.remove("hostPort")
                } else {
                    refuse(
                        path, host.position,
                        "\(host.compactText) differs from the containerPort "
                            + "(\(mapping["containerPort"]?.compactText ?? "not given")); with networkMode awsvpc the "
                            + "task has an address of its own, so leave hostPort out")
                }
            }
        }
    }
}

// MARK: - Members at the wrong level

extension TaskDefinitionReader {
    private mutating func placeStrays(in definition: inout JSONNode) {
        for stray in raised {
            guard let shape = DocumentMembers.task[stray.key] else { continue }
            guard let value = value(stray.value, shape, path: stray.path) else { continue }
            if let there = definition[stray.key] {
                settle(stray, value, against: there, place: "the task definition")
            } else {
                warn(.place, stray.path, stray.position, "belongs to the task definition itself; moved there")
                definition.insert(stray.key, value)
            }
        }
        raised = []
        for stray in lowered { lower(stray, in: &definition) }
        lowered = []
    }

    /// Puts a container's member that stood beside the containers into the only one there is.
    private mutating func lower(_ stray: Stray, in definition: inout JSONNode) {
        guard let shape = DocumentMembers.container[stray.key] else { return }
        guard let containers = definition["containerDefinitions"]?.elements, containers.count == 1 else {
            refuse(
                stray.path, stray.position,
                "belongs to a container; move it into the one of the containerDefinitions that it is meant for")
            return
        }
        guard let value = value(stray.value, shape, path: stray.path) else { return }
        if let there = containers[0][stray.key] {
            settle(stray, value, against: there, place: "containerDefinitions[0]")
            return
        }
        warn(.place, stray.path, stray.position, "belongs to a container; moved to containerDefinitions[0]")
        definition.mapElements(of: "containerDefinitions") { _, container in container.insert(stray.key, value) }
    }

    private mutating func settle(_ stray: Stray, _ value: JSONNode, against there: JSONNode, place: String) {
        if value == there {
            warn(.place, stray.path, stray.position, "belongs to \(place), where it stands too; left out here")
        } else {
            refuse(stray.path, stray.position, "belongs to \(place), which says otherwise: \(there.compactText)")
        }
    }

    /// What the strays together say about the network, as the run wants it.
    private mutating func networkConfiguration() -> JSONNode? {
        var merged: JSONNode = .object([])
        for stray in network {
            guard let pieces = networkPieces(stray) else { continue }
            for piece in pieces {
                if let there = merged[piece.key] {
                    if there != piece.value {
                        refuse(stray.path, stray.position, "the file says otherwise elsewhere: \(there.compactText)")
                    }
                } else {
                    merged.insert(piece.key, piece.value)
                }
            }
        }
        guard merged.members?.isEmpty == false else { return nil }
        return .object([JSONMember("awsvpcConfiguration", merged)])
    }

    /// The members of an `awsvpcConfiguration` that a stray holds, whichever layers of it were written.
    private mutating func networkPieces(_ stray: Stray) -> [JSONMember]? {
        let members = DocumentMembers.awsvpcConfiguration
        let message = "belongs to the run, not to the task definition; used for this run"
        switch stray.key {
        case "networkConfiguration" where holdsAwsvpcConfiguration(stray.value):
            let layers: [String: DocumentShape] = ["awsvpcConfiguration": .structure(members)]
            let whole = structure(stray.value, layers, path: stray.path, level: .other)
            guard let pieces = whole?["awsvpcConfiguration"]?.members else { return nil }
            warn(.place, stray.path, stray.position, message)
            return pieces
        case "networkConfiguration", "awsvpcConfiguration":
            let pieces = structure(stray.value, members, path: stray.path, level: .other)?.members
            if pieces != nil { warn(.place, stray.path, stray.position, message) }
            return pieces
        default:
            guard let shape = members[stray.key], let value = value(stray.value, shape, path: stray.path) else {
                return nil
            }
            warn(.place, stray.path, stray.position, message)
            return [JSONMember(stray.key, value)]
        }
    }

    private func holdsAwsvpcConfiguration(_ value: JSONNode) -> Bool {
        value.members?.contains { Spelling.folded($0.key) == "awsvpcconfiguration" } == true
    }
}
