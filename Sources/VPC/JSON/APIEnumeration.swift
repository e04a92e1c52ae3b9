// SPDX-License-Identifier: Apache-2.0

/// A member of the API that has one of a few values. Anything else is refused with a text that names the value, the
/// member and the values that there are.
package protocol APIEnumeration: RawRepresentable<String>, Hashable, Sendable, Codable, CaseIterable {
    /// What it is: "network mode".
    static var noun: String { get }

    /// Which exception another value is answered with. Task definitions answer `ClientException`, requests to run
    /// them `InvalidParameterException`.
    static var failureKind: ValidationFailure.Kind { get }
}

extension APIEnumeration {
    package static var failureKind: ValidationFailure.Kind { .client }

    /// - Throws: `ValidationFailure` for a value that is none of these.
    package init(from decoder: any Decoder) throws {
        let text = try decoder.singleValueContainer().decode(String.self)
        guard let value = Self(rawValue: text) else { throw Self.unknown(text, at: decoder.codingPath) }
        self = value
    }

    /// The value with this name.
    package init(named text: String) throws(ValidationFailure) {
        guard let value = Self(rawValue: text) else { throw Self.unknown(text, at: []) }
        self = value
    }

    private static func unknown(_ text: String, at path: [any CodingKey]) -> ValidationFailure {
        let place = path.isEmpty ? "" : " at \(path.apiPath)"
        let values = allCases.map(\.rawValue).joined(separator: ", ")
        return ValidationFailure(
            failureKind, "Unknown \(noun) \(text.shortened.debugDescription)\(place). Valid values: \(values).")
    }
}

extension [any CodingKey] {
    /// The place of a member in a document: `containerDefinitions[0].portMappings[1].protocol`.
    package var apiPath: String {
        var path = ""
        for key in self {
            if let index = key.intValue {
                path += "[\(index)]"
            } else {
                path += path.isEmpty ? key.stringValue : ".\(key.stringValue)"
            }
        }
        return path
    }
}

extension String {
    /// Fit for a message: at most 100 characters.
    package var shortened: String {
        utf8.count <= 100 ? self : String(unicodeScalars.prefix(100).map(Character.init)) + "..."
    }
}
