// SPDX-License-Identifier: Apache-2.0

package import JSON

/// What a plugin answers when it cannot do what was asked: `{"cniVersion", "code", "msg", "details"}`.
package struct CNIError: Error, Hashable, Sendable {
    package var code: Code
    package var message: String
    package var details: String

    package init(_ code: Code, _ message: String, details: String = "") {
        self.code = code
        self.message = message
        self.details = details
    }

    /// The specification's codes, and from 100 on the plugin's own.
    package struct Code: Hashable, Sendable {
        package var number: Int

        package init(_ number: Int) { self.number = number }

        package static let incompatibleVersion = Code(1)
        /// The text names the key and its value.
        package static let unsupportedField = Code(2)
        /// The text names the variable.
        package static let invalidEnvironment = Code(4)
        package static let inputOutput = Code(5)
        package static let decoding = Code(6)
        package static let invalidConfiguration = Code(7)
        package static let tryAgainLater = Code(11)
        /// STATUS: no ADD can be served.
        package static let unavailable = Code(50)
        /// The plugin's own: what it had to do failed.
        package static let failed = Code(100)
    }
}

extension CNIError: CustomStringConvertible {
    package var description: String { details.isEmpty ? message : "\(message): \(details)" }
}

extension CNIError {
    /// As the specification has it.
    package func document(_ version: CNIVersion) -> JSONNode {
        var members = [
            JSONMember("cniVersion", .string(version.description)), JSONMember("code", .number(code.number)),
            JSONMember("msg", .string(message)),
        ]
        if !details.isEmpty { members.append(JSONMember("details", .string(details))) }
        return .object(members)
    }

    /// What another plugin answered; nil where that is no such document.
    package init?(_ document: JSONNode) {
        guard let code = document["code"]?.integer, let message = document["msg"]?.string else { return nil }
        self.init(Code(code), message, details: document["details"]?.string ?? "")
    }
}
