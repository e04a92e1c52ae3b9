// SPDX-License-Identifier: Apache-2.0

/// A place in a text, both counted from one; a column is a Unicode scalar.
package struct TextPosition: Hashable, Comparable, Sendable, CustomStringConvertible {
    package var line: Int
    package var column: Int

    package init(line: Int, column: Int) {
        self.line = line
        self.column = column
    }

    package var description: String { "line \(line), column \(column)" }

    package static func < (left: Self, right: Self) -> Bool {
        (left.line, left.column) < (right.line, right.column)
    }
}

/// A JSON value that knows where in its text it stood.
///
/// FoundationEssentials decodes into types and forgets places, order and doubled keys; what this program says about a
/// file needs all three, and what the daemon answered is shown as it came.
package struct JSONNode: Sendable {
    package enum Kind: Sendable {
        case null
        case boolean(Bool)
        /// As written: `256`, `0.5`, `1e3`.
        case number(String)
        case string(String)
        case array([JSONNode])
        case object([JSONMember])
    }

    package var kind: Kind
    /// Nil for what did not come from a text.
    package var position: TextPosition?

    package init(_ kind: Kind, at position: TextPosition? = nil) {
        self.kind = kind
        self.position = position
    }

    /// What it is, for an error text: "a number".
    package var kindName: String {
        switch kind {
        case .null: "null"
        case .boolean: "a boolean"
        case .number: "a number"
        case .string: "a string"
        case .array: "a list"
        case .object: "an object"
        }
    }

    package var isNull: Bool {
        if case .null = kind { true } else { false }
    }

    package var members: [JSONMember]? {
        if case .object(let members) = kind { members } else { nil }
    }

    package var elements: [JSONNode]? {
        if case .array(let elements) = kind { elements } else { nil }
    }

    package var string: String? {
        if case .string(let text) = kind { text } else { nil }
    }

    /// The whole number, also of `80.0` and `8e1`; nil for any other value.
    package var integer: Int? {
        guard case .number(let literal) = kind else { return nil }
        if let exact = Int(literal) { return exact }
        // Beyond 2^53 a Double no longer tells neighbours apart.
        guard let double = Double(literal), double.magnitude < 9_007_199_254_740_992 else { return nil }
        return Int(exactly: double)
    }

    /// The value of the last member of that name.
    package subscript(_ key: String) -> JSONNode? {
        members?.last { $0.key == key }?.value
    }
}

/// A key of an object, and its value.
package struct JSONMember: Sendable {
    package var key: String
    package var keyPosition: TextPosition?
    package var value: JSONNode

    package init(_ key: String, at keyPosition: TextPosition? = nil, _ value: JSONNode) {
        self.key = key
        self.keyPosition = keyPosition
        self.value = value
    }
}

extension JSONNode: Equatable {
    /// Equal in content, wherever they stood; numbers as they are written.
    package static func == (left: Self, right: Self) -> Bool {
        switch (left.kind, right.kind) {
        case (.null, .null): true
        case (.boolean(let left), .boolean(let right)): left == right
        case (.number(let left), .number(let right)): left == right
        case (.string(let left), .string(let right)): left == right
        case (.array(let left), .array(let right)): left == right
        case (.object(let left), .object(let right)):
            left.count == right.count && zip(left, right).allSatisfy { $0.key == $1.key && $0.value == $1.value }
        default: false
        }
    }
}

extension JSONNode: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(stringLiteral value: String) { self.init(.string(value)) }
    package init(integerLiteral value: Int) { self.init(.number(String(value))) }
    package init(booleanLiteral value: Bool) { self.init(.boolean(value)) }
    package init(arrayLiteral elements: JSONNode...) { self.init(.array(elements)) }
    package init(dictionaryLiteral elements: (String, JSONNode)...) {
        self.init(.object(elements.map { JSONMember($0.0, $0.1) }))
    }

    package static func string(_ text: String) -> JSONNode { JSONNode(.string(text)) }
    package static func number(_ value: Int) -> JSONNode { JSONNode(.number(String(value))) }
    package static func array(_ elements: [JSONNode]) -> JSONNode { JSONNode(.array(elements)) }
    package static func object(_ members: [JSONMember]) -> JSONNode { JSONNode(.object(members)) }
}
