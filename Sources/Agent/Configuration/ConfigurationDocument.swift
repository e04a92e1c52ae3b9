// SPDX-License-Identifier: Apache-2.0
import SystemPackage
import Yams

/// A configuration file, YAML or JSON (which is YAML too), with every key known to be one of ours.
struct ConfigurationDocument {
    /// As named in errors.
    var name: String
    /// What the file says, by key, with its place in the file.
    var nodes: [ConfigurationKey: Node] = [:]

    /// More is no configuration.
    private static let maximumSize = 1 << 20

    init(name: String) { self.name = name }

    init(file: FilePath) throws {
        self.init(name: file.string)
        let bytes: [UInt8]
        do {
            let descriptor = try FileDescriptor.open(file, .readOnly)
            bytes = try descriptor.closeAfter { try descriptor.readAll(upTo: Self.maximumSize + 1) }
        } catch {
            throw ConfigurationError(name, "", "cannot be read: \(error)", mend: "name a readable file with --config")
        }
        guard bytes.count <= Self.maximumSize else {
            throw ConfigurationError(name, "", "is larger than 1 MiB", mend: "name a configuration with --config")
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw ConfigurationError(name, "", "is not UTF-8 text", mend: "save it as UTF-8")
        }
        try parse(text)
    }

    init(name: String, text: String) throws {
        self.init(name: name)
        try parse(text)
    }

    private mutating func parse(_ text: String) throws {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw ConfigurationError(
                name, "", "is neither YAML nor JSON: \(error.brief)", mend: "mend the text at that place")
        }
        // An empty file says nothing, and so changes nothing.
        guard let root, root.scalar?.string != "" else { return }
        guard let mapping = root.mapping else {
            throw ConfigurationError(
                name, "", "is not a mapping of keys to values", mend: "write lines of `key: value`")
        }
        var problems: [ConfigurationProblem] = []
        read(mapping, below: [], into: &problems)
        if !problems.isEmpty { throw ConfigurationError(problems: problems) }
    }

    private mutating func read(
        _ mapping: Node.Mapping, below prefix: [String], into problems: inout [ConfigurationProblem]
    ) {
        for (keyNode, value) in mapping {
            guard let name = keyNode.string else { continue }
            let path = (prefix + [name]).joined(separator: ".")
            if let key = ConfigurationKey(rawValue: path) {
                if !value.isNull { nodes[key] = value }
            } else if Self.groups.contains(path) {
                if let inner = value.mapping {
                    read(inner, below: prefix + [name], into: &problems)
                } else if !value.isNull {
                    problems.append(
                        ConfigurationProblem(
                            source: place(of: value), key: path, message: "is not a mapping",
                            mend: "its keys are \(Self.keys(below: path).joined(separator: ", "))"))
                }
            } else {
                let known = prefix.isEmpty ? Self.topLevelKeys : Self.keys(below: prefix.joined(separator: "."))
                problems.append(.unknownKey(path, at: place(of: keyNode), known: known))
            }
        }
    }

    /// `file:line`.
    func place(of node: Node) -> String {
        node.mark.map { "\(name):\($0.line)" } ?? name
    }

    /// Keys that only hold other keys (`dns`).
    private static let groups = Set(ConfigurationKey.allCases.map(\.path).filter { $0.count > 1 }.map { $0[0] })

    private static let topLevelKeys = Set(ConfigurationKey.allCases.map { $0.path[0] }).sorted()

    private static func keys(below group: String) -> [String] {
        ConfigurationKey.allCases.map(\.path).filter { $0.count > 1 && $0[0] == group }.map { "\(group).\($0[1])" }
    }
}

extension ConfigurationError {
    init(_ source: String, _ key: String, _ message: String, mend: String) {
        self.init(problems: [ConfigurationProblem(source: source, key: key, message: message, mend: mend)])
    }
}

extension ConfigurationProblem {
    /// - Parameter known: the whole paths of the keys that may stand there.
    static func unknownKey(_ path: String, at source: String, known: [String]) -> ConfigurationProblem {
        let nearest = Spelling.nearest(to: path, among: known)
        return ConfigurationProblem(
            source: source, key: path, message: "is not a key of the configuration",
            mend: nearest.map { "did you mean \($0)?" } ?? "the keys here are \(known.joined(separator: ", "))")
    }
}

extension YamlError {
    /// What and where, without the excerpt of the text that Yams prints below it.
    var brief: String {
        switch self {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            "\(problem) at line \(mark.line), column \(mark.column)"
        case .duplicatedKeysInMapping(let duplicates, _):
            "the same key twice: \(duplicates.joined(separator: ", "))"
        default: "\(self)"
        }
    }
}

extension Node {
    /// `key:` with nothing after it, `~`, `null`.
    var isNull: Bool { scalar != nil && tag == Tag(.null) }
}

extension FileDescriptor {
    /// Reads until the end of the file or the limit, whichever comes first.
    func readAll(upTo limit: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while bytes.count < limit {
            let chunk = try [UInt8](unsafeUninitializedCapacity: min(65536, limit - bytes.count)) { buffer, count in
                count = try read(into: UnsafeMutableRawBufferPointer(buffer))
            }
            if chunk.isEmpty { break }
            bytes += chunk
        }
        return bytes
    }
}
