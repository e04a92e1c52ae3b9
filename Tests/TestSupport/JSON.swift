// SPDX-License-Identifier: Apache-2.0
import Foundation

/// A JSON document to look into: `document[0]["ifname"].text`. What is not there is `.null`.
package enum JSON: Decodable, Hashable, Sendable {
    case null
    case flag(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case list([JSON])
    case object([String: JSON])

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .flag(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSON].self) {
            self = .list(value)
        } else {
            self = .object(try container.decode([String: JSON].self))
        }
    }

    package init(parsing text: String) throws {
        self = try JSONDecoder().decode(JSON.self, from: Data(text.utf8))
    }

    package subscript(key: String) -> JSON {
        if case .object(let members) = self { members[key] ?? .null } else { .null }
    }

    package subscript(index: Int) -> JSON {
        elements.indices.contains(index) ? elements[index] : .null
    }

    /// The elements of a list; of anything else, none.
    package var elements: [JSON] {
        if case .list(let elements) = self { elements } else { [] }
    }

    /// The members of an object; of anything else, none.
    package var members: [String: JSON] {
        if case .object(let members) = self { members } else { [:] }
    }

    package var text: String? {
        if case .string(let text) = self { text } else { nil }
    }

    package var integer: Int? {
        if case .integer(let value) = self { value } else { nil }
    }

    package var number: Double? {
        switch self {
        case .integer(let value): Double(value)
        case .number(let value): value
        default: nil
        }
    }

    package var flag: Bool? {
        if case .flag(let value) = self { value } else { nil }
    }

    package var isNull: Bool { self == .null }

    /// The texts of a list.
    package var texts: [String] { elements.compactMap(\.text) }

    /// The first element of a list whose member has this text.
    package func first(where key: String, is text: String) -> JSON {
        elements.first { $0[key].text == text } ?? .null
    }
}
