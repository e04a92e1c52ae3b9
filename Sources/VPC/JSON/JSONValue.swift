// SPDX-License-Identifier: Apache-2.0

/// Any JSON value: keeps the parts of a document that nothing here looks into.
package enum JSONValue: Hashable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])
}

/// A JSON object that nothing here looks into.
package typealias JSONObject = [String: JSONValue]

extension JSONValue: Codable {
    /// Far more than any document has that means something, and little enough for the stack of any thread.
    private static let mostLevels = 64

    package init(from decoder: any Decoder) throws {
        if decoder.codingPath.count > Self.mostLevels {
            throw DecodingError.dataCorrupted(
                .init(
                    codingPath: Array(decoder.codingPath.prefix(4)),
                    debugDescription: "lists and objects are nested more than \(Self.mostLevels) times"))
        }
        let container = try decoder.singleValueContainer()
        // Every attempt that fails costs an error with its text, so the frequent ones come first.
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? container.decode(Int64.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode([String: JSONValue].self) {
            self = .object(value)
        } else {
            self = .array(try container.decode([JSONValue].self))
        }
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .bool(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .array(let value): try container.encode(value)
        case .object(let value): try container.encode(value)
        }
    }
}
