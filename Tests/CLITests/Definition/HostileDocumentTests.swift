// SPDX-License-Identifier: Apache-2.0

import JSON
import Testing

@testable import tasknet

@Suite("Hostile documents")
struct HostileDocumentTests {
    /// The same numbers in every run.
    private struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 29
        }
    }

    private let seed = Array(
        #"""
        {"family":"web","networkMode":"awsvpc","cpu":256,"networkConfiguration":{"awsvpcConfiguration":{"subnets":["s"]}},
        "containerDefinitions":[{"name":"app","image":"busybox","command":["a","\u00e9\n"],"environment":{"A":1.5e3},
        "portMappings":[80,{"containerPort":"80","hostPort":0}],"essential":"true","Image":null,"networkMode":"awsvpc"}]}
        """#.utf8)

    @Test("Bytes changed, cut and repeated at random are read or refused, nothing else")
    func mutations() {
        var generator = Generator(state: 42)
        for _ in 0..<4000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...8, using: &generator) {
                let place = Int.random(in: 0..<bytes.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
                case 1: bytes.remove(at: place)
                case 2: bytes.insert(contentsOf: bytes[place..<min(bytes.count, place + 20)], at: place)
                default: bytes.removeLast(min(bytes.count - 1, place / 4))
                }
            }
            do throws(DocumentError) {
                let document = try TaskDefinitionDocument.read(bytes, defaultFamily: "f")
                _ = document.warnings.warningLines(file: "f")
                // What is accepted is JSON again.
                #expect(throws: Never.self) { try JSONParser.parse(Array(document.definition.compactText.utf8)) }
            } catch {
                #expect(!error.lines(file: "f").isEmpty)
            }
        }
    }

    @Test("Every value in every place is read or refused")
    func shapes() throws {
        let values: [JSONNode] = [
            "", "x", 0, -1, true, [], [:], ["x"], [[]], [1, "80", true], ["a": "b"], JSONNode(.null),
        ]
        let members =
            DocumentMembers.container.keys.sorted() + DocumentMembers.task.keys.sorted()
            + ["networkConfiguration", "awsvpcConfiguration", "subnets", "taskDefinition", "Resources", "Properties"]
        for key in members {
            for value in values {
                let container = JSONNode.object([JSONMember("name", "a"), JSONMember(key, value)])
                for root in [
                    JSONNode.object([JSONMember("containerDefinitions", .array([container]))]),
                    .object([JSONMember(key, value), JSONMember("containerDefinitions", .array([["name": "a"]]))]),
                    .object([JSONMember(key, value)]), .array([container]),
                ] {
                    do throws(DocumentError) {
                        _ = try TaskDefinitionDocument.read(Array(root.compactText.utf8))
                    } catch {
                        #expect(!error.lines(file: "f").isEmpty)
                    }
                }
            }
        }
    }
}
