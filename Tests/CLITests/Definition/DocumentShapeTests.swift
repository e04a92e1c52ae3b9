// SPDX-License-Identifier: Apache-2.0

import ECSAPI
import JSON
import Testing

@testable import tasknet

@Suite("Shapes of task definitions")
struct DocumentShapeTests {
    /// A value of a shape with every member that the shape has.
    private func sample(_ shape: DocumentShape, _ name: String) -> JSONNode {
        switch shape {
        case .string(let choices): .string(choices.first ?? (name == "operatingSystemFamily" ? "LINUX" : "x"))
        case .size: "256"
        case .integer: 1
        case .boolean: true
        case .map: ["k": "v"]
        case .command: ["x"]
        case .list(let element): .array([sample(element, name)])
        case .pairs(let key): .array([.object([JSONMember(key, "k"), JSONMember("value", "v")])])
        case .portMappings: .array([sample(.structure(DocumentMembers.portMapping), name)])
        case .structure(let members):
            .object(members.sorted { $0.key < $1.key }.map { JSONMember($0.key, sample($0.value, $0.key)) })
        }
    }

    /// Every path to a value.
    private func paths(_ node: JSONNode, _ prefix: String = "") -> Set<String> {
        if let members = node.members {
            return members.reduce(into: []) { $0.formUnion(paths($1.value, "\(prefix).\($1.key)")) }
        }
        if let elements = node.elements { return elements.reduce(into: []) { $0.formUnion(paths($1, "\(prefix)[]")) } }
        return [prefix]
    }

    @Test("The reader knows the members that the API's types have, and no others")
    func sameAsAPI() throws {
        var everything = sample(.structure(DocumentMembers.task), "")
        // What only ECS's ulimits may be called.
        everything.mapElements(of: "containerDefinitions") { _, container in
            container.mapElements(of: "ulimits") { _, limit in
                limit.remove("name")
                limit.insert("name", "nofile")
            }
        }
        let back = try JSONNode(encoding: everything.decoded(as: RegisterTaskDefinition.Input.self))
        #expect(paths(back) == paths(everything))
        let document = try TaskDefinitionDocument.read(Array(everything.compactText.utf8))
        #expect(document.definition == everything)
        #expect(document.warnings.isEmpty)
    }
}
