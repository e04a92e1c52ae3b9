// SPDX-License-Identifier: Apache-2.0
import VPC

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

    /// - Parameter names: EC2's; `ignored` ones may be there and mean nothing here.
    init(_ decoder: any Decoder, _ names: [String], ignored: [String] = []) throws {
        container = try decoder.container(keyedBy: Key.self)
        for key in container.allKeys where !names.contains(key.canonical) && !ignored.contains(key.canonical) {
            let place = decoder.codingPath.isEmpty ? "" : " of \(decoder.codingPath.apiPath)"
            throw ValidationFailure(
                .unknownParameter, "The parameter \(key.stringValue.shortened)\(place) is not recognized",
                detail: "there are: \(names.joined(separator: ", "))")
        }
    }

    /// nil where it is missing or null.
    func optional<Value: Decodable>(_ name: String, as type: Value.Type = Value.self) throws -> Value? {
        for key in [Key(name), Key(name.prefix(1).lowercased() + name.dropFirst())] {
            if let value = try container.decodeIfPresent(Value.self, forKey: key) { return value }
        }
        return nil
    }

    /// A text; a number is taken as one, because YAML makes one of `-1`.
    func text(_ name: String) throws -> String? {
        if let number = try? optional(name, as: Int.self) { return String(number) }
        return try optional(name)
    }
}
