// SPDX-License-Identifier: Apache-2.0

/// Swift's values from JSON, as their `init(from:)` read them.
package enum JSONDecoding {
    /// - Throws: `JSONError` where the text is no JSON; `DecodingError` where it does not fit.
    package static func value<Value: Decodable>(of type: Value.Type, in bytes: [UInt8]) throws -> Value {
        try value(of: type, in: try JSONParser.parse(bytes))
    }

    /// - Throws: `JSONError` where the text is no JSON; `DecodingError` where it does not fit.
    package static func value<Value: Decodable>(of type: Value.Type, in text: String) throws -> Value {
        try value(of: type, in: Array(text.utf8))
    }

    /// - Throws: `DecodingError` where the document does not fit.
    package static func value<Value: Decodable>(of type: Value.Type, in document: JSONNode) throws -> Value {
        try JSONValueDecoder(node: document, place: JSONPlace()).decode(type)
    }
}

/// The way from the document to what is read now, for errors.
final class JSONPlace {
    private(set) var path: [any CodingKey]

    init(_ path: [any CodingKey] = []) { self.path = path }

    /// Another one, for a container that is read from there beside this one.
    func inside(_ key: some CodingKey) -> JSONPlace { JSONPlace(path + [key]) }

    /// Reads what stands at `key`.
    func at<Value>(_ key: some CodingKey, _ body: () throws -> Value) rethrows -> Value {
        path.append(key)
        defer { path.removeLast() }
        return try body()
    }
}

/// The place of an element.
struct JSONIndex: CodingKey {
    let index: Int

    init(_ index: Int) { self.index = index }
    init?(intValue: Int) { self.init(intValue) }
    init?(stringValue: String) { return nil }

    var intValue: Int? { index }
    var stringValue: String { "Index \(index)" }
}

/// One value that is to be read.
struct JSONValueDecoder: Decoder {
    let node: JSONNode
    let place: JSONPlace

    var codingPath: [any CodingKey] { place.path }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) throws -> KeyedDecodingContainer<Key> {
        guard let members = node.members else { throw mismatch([String: Any].self, "an object") }
        return KeyedDecodingContainer(JSONObjectDecoder(members: members, place: place))
    }

    func unkeyedContainer() throws -> any UnkeyedDecodingContainer {
        guard let elements = node.elements else { throw mismatch([Any].self, "a list") }
        return JSONListDecoder(elements: elements, place: place)
    }

    func singleValueContainer() -> any SingleValueDecodingContainer { self }

    private func mismatch<Wanted>(_ type: Wanted.Type, _ wanted: String) -> DecodingError {
        let context = DecodingError.Context(
            codingPath: place.path, debugDescription: "\(wanted) is expected, not \(node.kindName)")
        return node.isNull ? .valueNotFound(type, context) : .typeMismatch(type, context)
    }
}

extension JSONValueDecoder: SingleValueDecodingContainer {
    func decodeNil() -> Bool { node.isNull }

    func decode(_ type: Bool.Type) throws -> Bool {
        guard case .boolean(let value) = node.kind else { throw mismatch(type, "true or false") }
        return value
    }

    func decode(_ type: String.Type) throws -> String {
        guard case .string(let value) = node.kind else { throw mismatch(type, "a string") }
        return value
    }

    func decode(_ type: Double.Type) throws -> Double { try number(type) }
    func decode(_ type: Float.Type) throws -> Float { try number(type) }

    func decode<Number: FixedWidthInteger & Decodable>(_ type: Number.Type) throws -> Number {
        guard case .number(let literal) = node.kind else { throw mismatch(type, "a whole number") }
        guard let value = Number(literal) ?? node.integer.flatMap(Number.init(exactly:)) else {
            throw misfit(literal, "is no whole number from \(Number.min) to \(Number.max)")
        }
        return value
    }

    func decode<Value: Decodable>(_ type: Value.Type) throws -> Value { try Value(from: self) }

    private func number<Number: BinaryFloatingPoint & LosslessStringConvertible>(_ type: Number.Type) throws -> Number {
        guard case .number(let literal) = node.kind else { throw mismatch(type, "a number") }
        guard let value = Number(literal), value.isFinite else { throw misfit(literal, "is too large") }
        return value
    }

    private func misfit(_ literal: String, _ fault: String) -> DecodingError {
        .dataCorrupted(DecodingError.Context(codingPath: place.path, debugDescription: "\(literal) \(fault)"))
    }
}

struct JSONObjectDecoder<Key: CodingKey>: KeyedDecodingContainerProtocol {
    let members: [JSONMember]
    let place: JSONPlace

    var codingPath: [any CodingKey] { place.path }
    var allKeys: [Key] { members.compactMap { Key(stringValue: $0.key) } }

    func contains(_ key: Key) -> Bool { find(key) != nil }

    func decodeNil(forKey key: Key) throws -> Bool { try value(key).isNull }

    func decode<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value {
        let node = try value(key)
        return try place.at(key) { try JSONValueDecoder(node: node, place: place).decode(type) }
    }

    func decode(_ type: String.Type, forKey key: Key) throws -> String {
        let node = try value(key)
        if case .string(let value) = node.kind { return value }
        return try place.at(key) { try JSONValueDecoder(node: node, place: place).decode(type) }
    }

    func decodeIfPresent<Value: Decodable>(_ type: Value.Type, forKey key: Key) throws -> Value? {
        guard let node = find(key), !node.isNull else { return nil }
        return try place.at(key) { try JSONValueDecoder(node: node, place: place).decode(type) }
    }

    func nestedContainer<Inner: CodingKey>(
        keyedBy type: Inner.Type, forKey key: Key
    ) throws -> KeyedDecodingContainer<Inner> {
        try JSONValueDecoder(node: value(key), place: place.inside(key)).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) throws -> any UnkeyedDecodingContainer {
        try JSONValueDecoder(node: value(key), place: place.inside(key)).unkeyedContainer()
    }

    func superDecoder() throws -> any Decoder {
        JSONValueDecoder(node: members.last { $0.key == "super" }?.value ?? JSONNode(.null), place: place)
    }

    func superDecoder(forKey key: Key) throws -> any Decoder {
        JSONValueDecoder(node: find(key) ?? JSONNode(.null), place: place)
    }

    /// Of a key that is there twice the last is the one.
    private func find(_ key: Key) -> JSONNode? {
        let name = key.stringValue
        return members.last { $0.key == name }?.value
    }

    private func value(_ key: Key) throws -> JSONNode {
        if let node = find(key) { return node }
        throw DecodingError.keyNotFound(
            key, DecodingError.Context(codingPath: place.path, debugDescription: "\(key.stringValue) is missing"))
    }
}

struct JSONListDecoder: UnkeyedDecodingContainer {
    let elements: [JSONNode]
    let place: JSONPlace
    private(set) var currentIndex = 0

    init(elements: [JSONNode], place: JSONPlace) {
        self.elements = elements
        self.place = place
    }

    var codingPath: [any CodingKey] { place.path }
    var count: Int? { elements.count }
    var isAtEnd: Bool { currentIndex == elements.count }

    mutating func decodeNil() throws -> Bool {
        guard !isAtEnd, elements[currentIndex].isNull else { return false }
        currentIndex += 1
        return true
    }

    mutating func decode<Value: Decodable>(_ type: Value.Type) throws -> Value {
        try next { try $0.decode(type) }
    }

    mutating func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type) throws -> KeyedDecodingContainer<Inner> {
        try nested().container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() throws -> any UnkeyedDecodingContainer { try nested().unkeyedContainer() }

    mutating func superDecoder() throws -> any Decoder { try nested() }

    private mutating func nested() throws -> JSONValueDecoder {
        let place = place.inside(JSONIndex(currentIndex))
        return try next { JSONValueDecoder(node: $0.node, place: place) }
    }

    /// One that does not fit stays, to be read as something else.
    private mutating func next<Value>(_ read: (JSONValueDecoder) throws -> Value) throws -> Value {
        let key = JSONIndex(currentIndex)
        guard !isAtEnd else {
            throw DecodingError.valueNotFound(
                Value.self,
                DecodingError.Context(codingPath: place.path + [key], debugDescription: "the list ends here"))
        }
        let value = try place.at(key) { try read(JSONValueDecoder(node: elements[currentIndex], place: place)) }
        currentIndex += 1
        return value
    }
}
