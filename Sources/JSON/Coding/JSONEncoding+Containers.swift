// SPDX-License-Identifier: Apache-2.0

/// Where one value is to be written. What it opens stands at `depth`.
struct JSONValueEncoder: Encoder {
    let text: JSONTextUnderWay
    let depth: Int

    /// Not kept: nothing that is said of a value needs it.
    var codingPath: [any CodingKey] { [] }
    var userInfo: [CodingUserInfoKey: Any] { [:] }

    func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
        text.openContainer(isObject: true, at: depth)
        return KeyedEncodingContainer(JSONObjectEncoder<Key>(text: text, depth: depth))
    }

    func unkeyedContainer() -> any UnkeyedEncodingContainer {
        text.openContainer(isObject: false, at: depth)
        return JSONListEncoder(text: text, depth: depth)
    }

    func singleValueContainer() -> any SingleValueEncodingContainer { self }
}

extension JSONValueEncoder: SingleValueEncodingContainer {
    func encodeNil() { text.appendNull() }
    func encode(_ value: Bool) { text.append(value) }
    func encode(_ value: String) { text.append(value) }
    func encode(_ value: Double) throws { try text.append(value) }
    func encode(_ value: Float) throws { try text.append(value) }
    func encode(_ value: some FixedWidthInteger & Encodable) { text.append(value) }
    func encode(_ value: some Encodable) throws { try value.encode(to: self) }
}

struct JSONObjectEncoder<Key: CodingKey>: KeyedEncodingContainerProtocol {
    let text: JSONTextUnderWay
    let depth: Int

    var codingPath: [any CodingKey] { [] }

    private func member(_ key: Key) -> JSONTextUnderWay {
        text.beginMember(key.stringValue, at: depth)
        return text
    }

    func encodeNil(forKey key: Key) { member(key).appendNull() }
    func encode(_ value: Bool, forKey key: Key) { member(key).append(value) }
    func encode(_ value: String, forKey key: Key) { member(key).append(value) }
    func encode(_ value: Int, forKey key: Key) { member(key).append(value) }
    func encode(_ value: some Encodable, forKey key: Key) throws { try member(key).encode(value) }

    func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type, forKey key: Key) -> KeyedEncodingContainer<Inner> {
        JSONValueEncoder(text: member(key), depth: text.depth).container(keyedBy: type)
    }

    func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
        JSONValueEncoder(text: member(key), depth: text.depth).unkeyedContainer()
    }

    func superEncoder() -> any Encoder {
        text.beginMember("super", at: depth)
        return JSONValueEncoder(text: text, depth: text.depth)
    }

    func superEncoder(forKey key: Key) -> any Encoder {
        JSONValueEncoder(text: member(key), depth: text.depth)
    }
}

struct JSONListEncoder: UnkeyedEncodingContainer {
    let text: JSONTextUnderWay
    let depth: Int
    private(set) var count = 0

    init(text: JSONTextUnderWay, depth: Int) {
        self.text = text
        self.depth = depth
    }

    var codingPath: [any CodingKey] { [] }

    private mutating func element() -> JSONTextUnderWay {
        text.beginElement(at: depth)
        count += 1
        return text
    }

    mutating func encodeNil() { element().appendNull() }
    mutating func encode(_ value: Bool) { element().append(value) }
    mutating func encode(_ value: String) { element().append(value) }
    mutating func encode(_ value: Int) { element().append(value) }
    mutating func encode(_ value: some Encodable) throws { try element().encode(value) }

    mutating func nestedContainer<Inner: CodingKey>(keyedBy type: Inner.Type) -> KeyedEncodingContainer<Inner> {
        JSONValueEncoder(text: element(), depth: text.depth).container(keyedBy: type)
    }

    mutating func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer {
        JSONValueEncoder(text: element(), depth: text.depth).unkeyedContainer()
    }

    mutating func superEncoder() -> any Encoder { JSONValueEncoder(text: element(), depth: text.depth) }
}
