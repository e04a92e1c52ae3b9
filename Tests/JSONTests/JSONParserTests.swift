// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import Testing

@testable import JSON

@Suite("JSON parser")
struct JSONParserTests {
    private func parse(_ text: String) throws -> JSONNode {
        try JSONParser.parse(Array(text.utf8))
    }

    @Test("Values keep their order, their digits and their places")
    func values() throws {
        let value = try parse(
            "{\"b\": [1, 2.50, -0e+3],\n  \"a\": {\"é\": \"\\u00e9\\n\\ud83d\\ude00\", \"t\": true, \"n\": null}}")
        #expect(value.compactText == #"{"b":[1,2.50,-0e+3],"a":{"é":"é\n😀","t":true,"n":null}}"#)
        #expect(value["a"]?.position == TextPosition(line: 2, column: 8))
        #expect(value["a"]?["t"]?.position == TextPosition(line: 2, column: 43))
        #expect(value["b"]?.elements?[1].position == TextPosition(line: 1, column: 11))
    }

    @Test("A byte order mark and Windows line ends are taken")
    func byteOrderMark() throws {
        let value = try JSONParser.parse([0xef, 0xbb, 0xbf] + Array("{\r\n\"a\":\r\n1}".utf8))
        #expect(value["a"]?.position == TextPosition(line: 3, column: 1))
    }

    @Test("Whole numbers are told from others")
    func integers() throws {
        let value = try parse("[80, 80.0, 8e1, 0.5, 1e300, 9223372036854775807, 9223372036854775808, \"80\", -1]")
        #expect(value.elements?.map(\.integer) == [80, 80, 80, nil, nil, .max, nil, nil, -1])
    }

    @Test("A key that stands twice is kept twice")
    func doubleKeys() throws {
        #expect(try parse(#"{"a":1,"a":2}"#).members?.map(\.key) == ["a", "a"])
        #expect(try parse(#"{"a":1,"a":2}"#)["a"] == 2)
    }

    @Test(
        "Indented text",
        arguments: [
            ("[]", "[]"), ("{}", "{}"),
            (#"{"a":[1,{"b":""}]}"#, "{\n  \"a\": [\n    1,\n    {\n      \"b\": \"\"\n    }\n  ]\n}"),
        ])
    func indented(source: String, expected: String) throws {
        #expect(try parse(source).indentedText == expected)
    }

    @Test("What could steer a terminal is escaped when written")
    func controlCharacters() throws {
        let value = try parse(#"["\u001b[2J\u009b\u007f"]"#)
        #expect(value.compactText == "[\"\\u001b[2J\\u009b\\u007f\"]")
        #expect(try parse(value.compactText) == value)
    }

    struct Fault: CustomTestStringConvertible, Sendable {
        var text: String
        var place: String
        var message: String
        var testDescription: String { text.debugDescription }
    }

    @Test(
        "What is no JSON is refused with its place",
        arguments: [
            Fault(text: "", place: "1:1", message: "the text is empty"),
            Fault(text: " \n", place: "2:1", message: "the text is empty"),
            Fault(text: "family: web", place: "1:1", message: "begins with { or ["),
            Fault(text: "{\n  \"a\": 1,\n}", place: "2:9", message: "remove this comma"),
            Fault(text: "[1, 2,]", place: "1:6", message: "remove this comma"),
            Fault(text: "{\"a\": 1\n \"b\": 2}", place: "2:2", message: "a comma is missing before this"),
            Fault(text: "{\"a\" 1}", place: "1:6", message: "a colon is missing after the key \"a\""),
            Fault(text: "{a: 1}", place: "1:2", message: "a key stands in double quotes"),
            Fault(text: "{'a': 1}", place: "1:2", message: "a single quote: strings stand in double quotes"),
            Fault(text: "{\"a\": 'x'}", place: "1:7", message: "a single quote"),
            Fault(text: "{“a”: 1}", place: "1:2", message: "a typographic quotation mark"),
            Fault(text: "{\"a\": True}", place: "1:7", message: "write true, not True"),
            Fault(text: "{\"a\": None}", place: "1:7", message: "write null, not None"),
            Fault(text: "{\"a\": web}", place: "1:7", message: "text stands in double quotes: \"web\""),
            Fault(text: "{ // x\n}", place: "1:3", message: "no comments"),
            Fault(text: "{ # x\n}", place: "1:3", message: "no comments"),
            Fault(text: "{\"a\": 1", place: "1:8", message: "inside the object that begins at line 1, column 1"),
            Fault(text: "{\"a\":", place: "1:6", message: "ends where a value is expected"),
            Fault(text: "{\"a\": [1}", place: "1:9", message: "closed by the wrong bracket"),
            Fault(text: "{\"a\": \"x\n\"}", place: "1:7", message: "does not end on its line"),
            Fault(text: "{\"a\": \"x", place: "1:7", message: "ends inside this string"),
            Fault(text: "{\"a\": \"C:\\x\"}", place: "1:10", message: "no such escape"),
            Fault(text: "{\"a\": \"\\ud800\"}", place: "1:8", message: "half of a surrogate pair"),
            Fault(text: "{\"a\": \"\\u12g4\"}", place: "1:8", message: "four hexadecimal digits"),
            Fault(text: "[01]", place: "1:2", message: "no leading zero"),
            Fault(text: "[1.]", place: "1:4", message: "a digit is expected after the decimal point"),
            Fault(text: "[-]", place: "1:3", message: "a digit is expected after the minus sign"),
            Fault(text: "[1e]", place: "1:4", message: "a digit is expected in the exponent"),
            Fault(text: "[+1]", place: "1:2", message: "a value is expected here"),
            Fault(text: "{} {}", place: "1:4", message: "left over"),
            Fault(text: "[\u{1}]", place: "1:2", message: "a value is expected here, not \"\\u{1}\""),
            Fault(text: "[\"\u{1}\"]", place: "1:3", message: "control character"),
        ])
    func faults(fault: Fault) {
        let error = #expect(throws: JSONError.self) { try parse(fault.text) }
        guard let error else { return }
        #expect("\(error.position.line):\(error.position.column)" == fault.place, "\(error)")
        #expect(error.message.contains(fault.message), "\(error)")
    }

    @Test("The line in question is shown with a mark under the place")
    func excerpt() throws {
        let error = try #require(throws: JSONError.self) { try parse("{\n  \"image\" \"busybox\"\n}") }
        #expect(error.excerpt == "      \"image\" \"busybox\"\n              ^")
        let long = "[" + String(repeating: "1,", count: 500) + "x]"
        let cut = try #require(throws: JSONError.self) { try parse(long) }
        let lines = cut.excerpt?.split(separator: "\n") ?? []
        #expect(lines.count == 2 && lines[0].count <= 80 && lines[0].last == "]")
        #expect(lines.last?.count == lines[0].count - 1)
    }

    @Test("Bytes that are no UTF-8 are refused where they stand")
    func invalidUTF8() throws {
        let error = try #require(throws: JSONError.self) { try JSONParser.parse(Array("[\"é".utf8) + [0xff, 0x22]) }
        #expect(error.position == TextPosition(line: 1, column: 4))
        #expect(error.message == "the text is not UTF-8")
    }

    @Test("Nesting has a bound")
    func depth() throws {
        let deep = { (count: Int) in String(repeating: "[", count: count) + String(repeating: "]", count: count) }
        #expect(throws: Never.self) { try parse(deep(128)) }
        let error = try #require(throws: JSONError.self) { try parse(deep(100_000)) }
        #expect(error.message.contains("nested deeper"))
    }

    @Test("A large text on one line takes time in proportion to its length")
    func largeLine() throws {
        let text = "[" + Array(repeating: #"{"name":"A","value":"b"}"#, count: 40_000).joined(separator: ",") + "]"
        #expect(try parse(text).elements?.count == 40_000)
    }

    @Test("Agrees with FoundationEssentials on what is JSON and what it says")
    func oracle() throws {
        struct Sample: Codable, Equatable { var a: [Double], b: [String: String], c: Bool?, d: Int }
        let sample = Sample(a: [1, 2.5, -3e-7], b: ["k\"\\/\u{8}\u{c}": "\u{1f600}\u{2028}"], c: nil, d: .min)
        let encoded = Array(try JSONEncoder().encode(sample))
        let back = try JSONDecoder().decode(Sample.self, from: Data(try JSONParser.parse(encoded).indentedText.utf8))
        #expect(back == sample)
    }
}
