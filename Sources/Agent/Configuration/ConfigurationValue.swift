// SPDX-License-Identifier: Apache-2.0
import Yams

/// One key's value, not yet understood, with who gave it.
///
/// Every reading method throws the `ConfigurationProblem` of its own place.
struct ConfigurationValue {
    /// The path, with indexes: `subnets[1].cidrBlock`.
    var path: String
    var source: String
    private var content: Content
    /// Nil where the value came as text.
    private var document: ConfigurationDocument?

    private enum Content {
        /// From the environment or the command line: structured values in it are YAML or JSON.
        case text(String)
        case node(Node)
    }

    init(key: ConfigurationKey, source: String, text: String) {
        self.init(path: key.rawValue, source: source, content: .text(text), document: nil)
    }

    init(key: ConfigurationKey, node: Node, document: ConfigurationDocument) {
        self.init(path: key.rawValue, source: document.place(of: node), content: .node(node), document: document)
    }

    private init(path: String, source: String, content: Content, document: ConfigurationDocument?) {
        self.path = path
        self.source = source
        self.content = content
        self.document = document
    }

    func problem(_ message: String, _ mend: String) -> ConfigurationProblem {
        ConfigurationProblem(source: source, key: path, message: message, mend: mend)
    }

    private func child(_ suffix: String, _ node: Node) -> ConfigurationValue {
        ConfigurationValue(
            path: path + suffix, source: document.map { $0.place(of: node) } ?? source, content: .node(node),
            document: document)
    }

    /// The value as it was written.
    func string() throws(ConfigurationProblem) -> String {
        switch content {
        case .text(let text): return text
        case .node(let node):
            guard let scalar = node.scalar else {
                throw problem("is a \(node.mapping == nil ? "list" : "mapping")", "write one value")
            }
            return scalar.string
        }
    }

    /// - Parameters:
    ///   - what: what the value should have been, with its article.
    ///   - example: what could stand there.
    func parsed<T>(
        as what: String, example: String, _ parse: (String) -> T?
    ) throws(ConfigurationProblem) -> T {
        let text = try string()
        guard let value = parse(text) else {
            throw problem("\"\(text)\" is not \(what)", "write \(example)")
        }
        return value
    }

    /// The elements of a list. From the environment: a JSON or YAML list, or values between commas.
    func elements() throws(ConfigurationProblem) -> [ConfigurationValue] {
        let node = try structure()
        if let sequence = node.sequence {
            return sequence.enumerated().map { child("[\($0)]", $1) }
        }
        if case .text(let text) = content, node.scalar != nil {
            return text.split(separator: ",").map { element in
                var value = self
                value.content = .text(element.trimmingSpaces())
                return value
            }
        }
        throw problem("is not a list", "write [a, b]")
    }

    /// The members of a mapping, in the order of the text.
    func members() throws(ConfigurationProblem) -> [(name: String, value: ConfigurationValue)] {
        guard let mapping = try structure().mapping else {
            throw problem("is not a mapping", "write {name: value}")
        }
        var members: [(name: String, value: ConfigurationValue)] = []
        for (key, value) in mapping {
            guard let name = key.string else { throw problem("has a key that is not text", "write {name: value}") }
            members.append((name, child(".\(name)", value)))
        }
        return members
    }

    var isNull: Bool {
        if case .node(let node) = content { node.isNull } else { false }
    }

    func structure() throws(ConfigurationProblem) -> Node {
        switch content {
        case .node(let node): return node
        case .text(let text):
            do {
                return try Yams.compose(yaml: text) ?? Node("")
            } catch {
                let reason = (error as? YamlError)?.brief ?? "\(error)"
                throw problem("is neither YAML nor JSON: \(reason)", "write {name: value} or [a, b]")
            }
        }
    }
}

extension ConfigurationProblem: Error {}

extension StringProtocol {
    fileprivate func trimmingSpaces() -> String {
        var text = Substring(self)
        while text.first?.isWhitespace == true { text.removeFirst() }
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
