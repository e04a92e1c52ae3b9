// SPDX-License-Identifier: Apache-2.0
import Foundation
import JSON
import Testing

@Suite("JSON from and to values")
struct JSONCodingTests {
    /// One of each shape that a type can have.
    private struct Everything: Codable, Equatable {
        enum Choice: Codable, Equatable {
            case nothing
            case one(String)
            case several(first: Int, second: [Bool])
        }

        struct Inner: Codable, Equatable {
            var zeta = "z"
            var alpha: Int?
        }

        /// Writes itself into the object of what it is a part of.
        struct Flat: Codable, Equatable {
            var inner = Inner()
            var more = 1

            enum CodingKeys: CodingKey { case more }

            init() {}

            init(from decoder: any Decoder) throws {
                inner = try Inner(from: decoder)
                more = try decoder.container(keyedBy: CodingKeys.self).decode(Int.self, forKey: .more)
            }

            func encode(to encoder: any Encoder) throws {
                try inner.encode(to: encoder)
                var container = encoder.container(keyedBy: CodingKeys.self)
                try container.encode(more, forKey: .more)
            }
        }

        enum Word: String, Codable { case first, second }

        var zero = 0
        var text = "plain"
        var escaped = "\u{0}\u{1}\u{8}\t\n\u{c}\r\u{1f} \"\\/ \u{7f}\u{85}\u{2028} é 🛰"
        var empty = ""
        var yes = true
        var no = false
        var least = Int64.min
        var most = UInt64.max
        var small: UInt8 = 255
        var fraction = 0.1
        var whole = 3.0
        var large = 1e300
        var single: Float = 1.5
        var none: String?
        var list = [1, 2, 3]
        var texts = ["a", "b/c"]
        var nested = [[Inner()], [], [Inner(alpha: 7), Inner(zeta: "")]]
        var inner = Inner(alpha: 1)
        var flat = Flat()
        var choices: [Choice] = [.nothing, .one("x"), .several(first: 1, second: [true, false])]
        var word = Word.second
        var options = ["z": "1", "a": "2", "a b": "3", "A": "4", "é": "5", "": "6"]
        var optionals: [Int?] = [nil, 1]
        var byNumber = [1: "one"]
        var emptyList: [Inner] = []
        var emptyOptions: [String: Int] = [:]
    }

    @Test("A value's text is Foundation's with sorted keys")
    func sameAsFoundation() throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = try JSONEncoding.text(of: Everything())
        #expect(text == String(decoding: try encoder.encode(Everything()), as: UTF8.self))
    }

    @Test("What was written is read, by either")
    func thereAndBack() throws {
        let bytes = try JSONEncoding.bytes(of: Everything())
        #expect(try JSONDecoding.value(of: Everything.self, in: bytes) == Everything())
        #expect(try JSONDecoder().decode(Everything.self, from: Data(bytes)) == Everything())
        let theirs = try JSONEncoder().encode(Everything())
        #expect(try JSONDecoding.value(of: Everything.self, in: [UInt8](theirs)) == Everything())
    }

    /// A key is encoded twice, and nested containers are left open.
    private struct ByHand: Encodable {
        enum Keys: String, CodingKey { case b, a, list, object, nothing }

        func encode(to encoder: any Encoder) throws {
            var container = encoder.container(keyedBy: Keys.self)
            try container.encode(1, forKey: .b)
            try container.encode("first", forKey: .a)
            var list = container.nestedUnkeyedContainer(forKey: .list)
            try list.encode(1)
            try list.encodeNil()
            var object = list.nestedContainer(keyedBy: Keys.self)
            try object.encode(true, forKey: .b)
            try object.encode(false, forKey: .a)
            try container.encode("second", forKey: .a)
            _ = container.nestedContainer(keyedBy: Keys.self, forKey: .object)
            try container.encodeNil(forKey: .nothing)
        }
    }

    @Test("Of a key that is written twice the last value stays")
    func byHand() throws {
        let text = try JSONEncoding.text(of: ByHand())
        #expect(text == #"{"a":"second","b":1,"list":[1,null,{"a":false,"b":true}],"nothing":null,"object":{}}"#)
    }

    private struct Silent: Encodable {
        func encode(to encoder: any Encoder) {}
    }

    @Test("What says nothing of itself is an empty object")
    func silent() throws {
        #expect(try JSONEncoding.text(of: [Silent()]) == "[{}]")
    }

    @Test("A number that JSON has no word for is refused", arguments: [Double.nan, .infinity])
    func noNumber(_ value: Double) {
        #expect(throws: EncodingError.self) { try JSONEncoding.text(of: [value]) }
    }

    struct Numbers: Decodable, Equatable {
        var byte: UInt8?
        var word: Int?
        var number: Double?
    }

    @Test(
        "A number fits its place, or is refused",
        arguments: [
            (#"{"word": 8e1, "byte": 255.0}"#, Numbers(byte: 255, word: 80)),
            (#"{"word": -0, "number": 1}"#, Numbers(word: 0, number: 1)),
            (#"{"byte": null}"#, Numbers()),
            (#"{"byte": 1, "byte": 2}"#, Numbers(byte: 2)),
            (#"{"byte": 256}"#, nil), (#"{"byte": -1}"#, nil), (#"{"word": 1.5}"#, nil),
            (#"{"word": 9223372036854775808}"#, nil), (#"{"number": 1e999}"#, nil), (#"{"word": "1"}"#, nil),
            (#"{"number": true}"#, nil), (#"{"word": []}"#, nil),
        ])
    func number(text: String, expected: Numbers?) {
        let numbers = try? JSONDecoding.value(of: Numbers.self, in: text)
        #expect(numbers == expected)
    }

    @Test("An error names the place")
    func place() throws {
        let text = #"{"choices": [{"nothing": {}}, {"several": {"first": 1, "second": [true, 0]}}]}"#
        struct Chosen: Decodable { var choices: [Everything.Choice] }
        let error = #expect(throws: DecodingError.self) {
            try JSONDecoding.value(of: Chosen.self, in: text)
        }
        guard case .typeMismatch(_, let context) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let path = context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
        #expect(path == ["choices", "1", "several", "second", "1"])
        #expect(context.debugDescription == "true or false is expected, not a number")
    }

    @Test("A list ends where it ends")
    func listEnds() {
        struct Pair: Decodable {
            init(from decoder: any Decoder) throws {
                var list = try decoder.unkeyedContainer()
                _ = try list.decode(Int.self)
                _ = try list.decode(Int.self)
            }
        }
        #expect(throws: DecodingError.self) { try JSONDecoding.value(of: Pair.self, in: "[1]") }
    }
}
