// SPDX-License-Identifier: Apache-2.0

/// A text that AWS's model does not call required, but its service does: read as empty where it is missing, so that the
/// validation can say so in AWS's words.
@propertyWrapper
package struct OrEmpty: Hashable, Sendable, Codable {
    package var wrappedValue: String

    package init(wrappedValue: String) { self.wrappedValue = wrappedValue }

    package init(from decoder: any Decoder) throws {
        wrappedValue = try decoder.singleValueContainer().decode(String.self)
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(wrappedValue)
    }
}

extension KeyedDecodingContainer {
    /// What the compiler's decoders of structs with such a member call.
    package func decode(_ type: OrEmpty.Type, forKey key: Key) throws -> OrEmpty {
        try decodeIfPresent(OrEmpty.self, forKey: key) ?? OrEmpty(wrappedValue: "")
    }
}
