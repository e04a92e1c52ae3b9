// SPDX-License-Identifier: Apache-2.0

/// A text or a list that must not be empty: read as empty where it is missing, so that the validation can say so in
/// AWS's words, which tell more than that a key is missing.
@propertyWrapper
package struct OrEmpty<Value: RangeReplaceableCollection & Hashable & Sendable & Codable>: Hashable, Sendable, Codable {
    package var wrappedValue: Value

    package init(wrappedValue: Value) { self.wrappedValue = wrappedValue }

    package init(from decoder: any Decoder) throws {
        wrappedValue = try decoder.singleValueContainer().decode(Value.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue)
    }
}

extension KeyedDecodingContainer {
    /// What the compiler's decoders of structs with such a member call.
    package func decode<Value>(_ type: OrEmpty<Value>.Type, forKey key: Key) throws -> OrEmpty<Value> {
        try decodeIfPresent(type, forKey: key) ?? OrEmpty(wrappedValue: Value())
    }
}
