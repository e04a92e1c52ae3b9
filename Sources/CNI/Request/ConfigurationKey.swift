// SPDX-License-Identifier: Apache-2.0

package import JSON

/// A key of a configuration with the value that it has, read as the type that it has to be.
///
/// Null and a missing key are the same, as Go's decoder, which the other plugins are written with, has it. Each reader
/// throws code 7 for a value of another type, naming the key. A key is found in whatever case it is written, the last one
/// counting, as that decoder has it, too.
package struct ConfigurationKey: Sendable {
    /// From the top: "ipam.id".
    package var path: String
    package var node: JSONNode?

    /// What document it is of, for errors.
    private let source: String

    package init(path: String, node: JSONNode?, in source: String = "network config") {
        self.path = path
        self.source = source
        self.node = node?.isNull == true ? nil : node
    }

    package var isMissing: Bool { node == nil }

    package func key(_ name: String) -> ConfigurationKey {
        ConfigurationKey(path: "\(path).\(name)", node: node?.value(of: name), in: source)
    }

    package func string() throws(CNIError) -> String? { try read("a string", \.string) }

    package func requiredString() throws(CNIError) -> String {
        guard let text = try string() else {
            throw CNIError(.invalidConfiguration, "missing \(path) in \(source)")
        }
        return text
    }

    package func integer() throws(CNIError) -> Int? { try read("a whole number", \.integer) }

    package func boolean() throws(CNIError) -> Bool? {
        try read("true or false") { if case .boolean(let value) = $0.kind { value } else { nil } }
    }

    package func object() throws(CNIError) -> ConfigurationKey? {
        try read("an object") { $0.members == nil ? nil : self }
    }

    package func array() throws(CNIError) -> [ConfigurationKey]? {
        try read("a list") { node in
            node.elements?.enumerated().map {
                ConfigurationKey(path: "\(path)[\($0.offset)]", node: $0.element, in: source)
            }
        }
    }

    package func strings() throws(CNIError) -> [String]? {
        guard let elements = try array() else { return nil }
        var strings: [String] = []
        for element in elements { strings.append(try element.requiredString()) }
        return strings
    }

    /// An object's values that are strings, by their keys.
    package func stringValues() throws(CNIError) -> [String: String]? {
        guard let object = try object() else { return nil }
        var values: [String: String] = [:]
        for member in object.node?.members ?? [] {
            values[member.key] = try ConfigurationKey(
                path: "\(path).\(member.key)", node: member.value, in: source
            ).string()
        }
        return values
    }

    /// The value is there and has the right type, but is not valid.
    package func refusal(_ reason: String) -> CNIError {
        let value = node.map { EscapedText.quoted($0.string?.utf8.map(\.self) ?? Array($0.compactText.utf8)) } ?? ""
        return CNIError(.invalidConfiguration, "invalid \(path) \(value)", details: reason)
    }

    private func read<Value>(_ kind: String, _ body: (JSONNode) -> Value?) throws(CNIError) -> Value? {
        guard let node else { return nil }
        guard let value = body(node) else {
            throw CNIError(
                .invalidConfiguration, "\(path) in \(source) is \(node.kindName)", details: "it has to be \(kind)")
        }
        return value
    }
}

extension JSONNode {
    /// A key of a configuration.
    package func key(_ name: String, in source: String = "network config") -> ConfigurationKey {
        ConfigurationKey(path: name, node: value(of: name), in: source)
    }

    fileprivate func value(of name: String) -> JSONNode? {
        let folded = name.lowercased()
        return members?.last { $0.key.lowercased() == folded }?.value
    }
}
