// SPDX-License-Identifier: Apache-2.0

/// One whole HTTP response.
struct HTTPResponse: Equatable, Sendable {
    var status: Int
    var reason: String
    /// Names in lower case, in the order in which they came.
    var fields: [Field] = []
    var body: [UInt8] = []

    struct Field: Equatable, Sendable {
        var name: String
        var value: String
    }

    /// The values of a field, `name` in lower case.
    func values(of name: String) -> [String] {
        fields.filter { $0.name == name }.map(\.value)
    }
}

/// What is wrong with what came over the connection.
package enum HTTPError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Not HTTP/1.1; the text says what was met.
    case malformed(String)
    /// Head or body beyond the limit, in bytes.
    case tooLarge(part: String, limit: Int)
    /// The other side closed before the response was whole.
    case closedEarly(receivedBytes: Int)

    package var description: String {
        switch self {
        case .malformed(let what):
            "the answer is not HTTP/1.1: \(what)"
        case .tooLarge(let part, let limit):
            "the answer's \(part) is larger than \(limit) bytes"
        case .closedEarly(receivedBytes: 0):
            "the connection was closed without an answer; if tasknetd ended, \"journalctl -u tasknetd\" says why"
        case .closedEarly(let count):
            "the connection was closed in the middle of the answer, after \(count) bytes"
        }
    }
}
