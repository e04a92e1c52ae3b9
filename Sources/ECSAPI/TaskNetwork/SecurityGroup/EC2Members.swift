// SPDX-License-Identifier: Apache-2.0
package import VPC

/// The members of one of EC2's objects, by EC2's names (`IpRanges`) or as configurations write them (`ipRanges`).
///
/// EC2 refuses members that it does not know; so does this: a rule with a misspelled member is another rule than the
/// one that was meant.
struct EC2Members {
    private let container: KeyedDecodingContainer<Key>

    struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }

        /// `IpRanges` of `ipRanges`.
        var canonical: String { stringValue.prefix(1).uppercased() + stringValue.dropFirst() }
    }

    /// - Parameters:
    ///   - names: EC2's.
    ///   - others: What may be there too and is told to nobody: other names, and what answers have and requests need
    ///     not.
    init(_ decoder: any Decoder, _ names: [String], others: [String] = []) throws {
        container = try decoder.container(keyedBy: Key.self)
        var seen: Set<String> = []
        for key in container.allKeys {
            let place = "\(key.stringValue.shortened)\(decoder.codingPath.placeText)"
            if !names.contains(key.canonical), !others.contains(key.canonical) {
                throw EC2MemberFailure(
                    codingPath: decoder.codingPath + [key], known: names,
                    failure: ValidationFailure(
                        .unknownParameter, "The parameter \(place) is not recognized",
                        detail: "there are: \(names.joined(separator: ", "))"))
            }
            if !seen.insert(key.canonical).inserted {
                throw EC2MemberFailure(
                    codingPath: decoder.codingPath + [key],
                    failure: ValidationFailure(
                        .parameterCombination, "The parameter \(place) is given twice, with a small letter and a large",
                        detail: "leave one of them out"))
            }
        }
    }

    /// The members of a whole request.
    init<Names: CodingKey & CaseIterable>(request decoder: any Decoder, _ names: Names.Type) throws {
        try self.init(decoder, names.allCases.map(\.stringValue), others: ["DryRun"])
        // Whether it would succeed is only known by doing it.
        if try optional("DryRun") == true {
            throw EC2MemberFailure(
                codingPath: decoder.codingPath + [Key("DryRun")],
                failure: ValidationFailure(
                    .unsupportedOperation, "The parameter DryRun is not supported, and nothing was done",
                    detail: "leave it out to have it done"))
        }
    }

    /// nil where it is missing or null.
    func optional<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value? {
        for key in [Key(name), Key(name.prefix(1).lowercased() + name.dropFirst())] {
            if let value = try container.decodeIfPresent(Value.self, forKey: key) { return value }
        }
        return nil
    }

    /// A list; empty where it is missing or null.
    func list<Element: Decodable>(_ name: String, of type: Element.Type = Element.self) throws -> [Element] {
        try optional(name) ?? []
    }

    /// A text, as it is written; a number is taken as one, because YAML makes one of `-1`.
    func text(_ name: String) throws -> String? {
        if let text = try? optional(name, as: String.self) { return text }
        if let number = try? optional(name, as: Int.self) { return String(number) }
        return try optional(name)
    }

    /// A text by a short name, or by the one that EC2 has for it.
    func text(_ name: String, or other: String) throws -> String? {
        let (text, otherText) = (try text(name), try text(other))
        if let text, let otherText, text != otherText {
            throw EC2MemberFailure(
                codingPath: container.codingPath + [Key(other)],
                failure: ValidationFailure(
                    .parameterCombination,
                    "The parameter \(other)\(container.codingPath.placeText) is not the same as \(name)",
                    detail: "leave one of them out"))
        }
        return text ?? otherText
    }

    /// A whole number in decimal digits. YAML would also make 1343 of `22:23`.
    func number(_ name: String) throws -> Int? {
        guard let text = try? optional(name, as: String.self) else { return try optional(name) }
        if let number = Int(text), String(number) == text { return number }
        throw EC2MemberFailure(
            codingPath: container.codingPath + [Key(name)],
            failure: ValidationFailure(
                .parameterValue,
                "Invalid value '\(text.shortened)' for \(name)\(container.codingPath.placeText)",
                detail: "it is a whole number"))
    }
}

/// Why the members of one of EC2's objects are not taken, and where in the document.
package struct EC2MemberFailure: Error, Sendable, CustomStringConvertible {
    /// The member itself is the last of it.
    package var codingPath: [any CodingKey]
    /// EC2's names of those that may be there; nil where the member is one of them.
    package var known: [String]?
    package var failure: ValidationFailure

    package var description: String { failure.description }
}

extension [any CodingKey] {
    /// ` of IpPermissions[0]`, to stand behind a member's name.
    fileprivate var placeText: String { isEmpty ? "" : " of \(apiPath)" }
}
