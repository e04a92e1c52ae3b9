// SPDX-License-Identifier: Apache-2.0

import JSON

/// The error that an operation was answered with: `{"__type": "ClientException", "message": "..."}`.
package struct ControlRefusal: Hashable, Sendable {
    /// The exception's name, without a namespace that may stand before it.
    package var type: String
    package var message: String

    package init(type: String, message: String) {
        self.type = type
        self.message = message
    }

    /// Nil where the body is no such document.
    init?(_ body: [UInt8]) {
        guard let document = try? JSONParser.parse(body), let type = document["__type"]?.string else { return nil }
        self.init(
            type: type.split(separator: "#").last.map(String.init) ?? type, message: document["message"]?.string ?? "")
    }
}
