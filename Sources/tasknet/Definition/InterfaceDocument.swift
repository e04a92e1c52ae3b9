// SPDX-License-Identifier: Apache-2.0

import ECSAPI
import JSON

/// ENIs in a file: one, a list of them, or the attachment message that ECS sends to its agents.
struct InterfaceDocument: Sendable {
    /// Larger files are not read.
    static let limit = 1 << 20

    var interfaces: [ElasticNetworkInterface]
    var waitTimeoutMs: Int?

    static func read(_ bytes: [UInt8]) throws(DocumentError) -> InterfaceDocument {
        guard bytes.count <= limit else { throw .tooLarge(limit: limit) }
        let root: JSONNode
        do {
            root = try JSONParser.parse(bytes)
        } catch {
            throw .notJSON(error)
        }
        let message = "elasticNetworkInterfaces"
        if let elements = root.elements { return .init(interfaces: try interfaces(elements, path: "")) }
        guard let list = root[message] else { return .init(interfaces: try interfaces([root], path: nil)) }
        guard let elements = list.elements else {
            throw refusal(message, list, "a list is expected, not \(list.kindName)")
        }
        let timeout = root["waitTimeoutMs"]
        if let timeout, timeout.integer == nil {
            throw refusal("waitTimeoutMs", timeout, "a whole number is expected, not \(timeout.kindName)")
        }
        return .init(interfaces: try interfaces(elements, path: message), waitTimeoutMs: timeout?.integer)
    }

    private static func interfaces(
        _ elements: [JSONNode], path: String?
    ) throws(DocumentError) -> [ElasticNetworkInterface] {
        var interfaces: [ElasticNetworkInterface] = []
        for (index, element) in elements.enumerated() {
            let path = path.map { "\($0)[\(index)]" } ?? ""
            do {
                interfaces.append(try element.decoded(as: ElasticNetworkInterface.self))
            } catch let error as DecodingError {
                throw refusal(path, element, error.place.map { "\($0): \(error.reason)" } ?? error.reason)
            } catch {
                throw refusal(path, element, "\(error)")
            }
        }
        return interfaces
    }

    private static func refusal(_ path: String, _ node: JSONNode, _ message: String) -> DocumentError {
        .refused([DocumentNote(kind: .refusal, path: path, position: node.position, message: message)])
    }
}

extension DecodingError {
    private var context: Context? {
        switch self {
        case .typeMismatch(_, let context), .valueNotFound(_, let context), .keyNotFound(_, let context),
            .dataCorrupted(let context):
            context
        @unknown default: nil
        }
    }

    /// The member at which decoding stopped.
    var place: String? {
        let path = (context?.codingPath ?? []).reduce("") { path, key in
            key.intValue.map { "\(path)[\($0)]" } ?? (path.isEmpty ? key.stringValue : "\(path).\(key.stringValue)")
        }
        return path.isEmpty ? nil : path
    }

    var reason: String { context?.debugDescription ?? "\(self)" }
}

/// ENIs on disk.
struct InterfaceFile {
    var path: String

    func read() throws -> InterfaceDocument {
        let file = InputFile(path: path)
        let bytes = try file.read(limit: InterfaceDocument.limit)
        do throws(DocumentError) {
            return try InterfaceDocument.read(bytes)
        } catch {
            for line in error.lines(file: file.shownName) { Terminal.writeError(line + "\n") }
            throw CommandFailure("", .badData)
        }
    }
}
