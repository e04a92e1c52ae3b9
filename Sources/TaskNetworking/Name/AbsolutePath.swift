// SPDX-License-Identifier: Apache-2.0

/// A path from the root without a detour: no `..`, no `.`, no empty component.
package struct AbsolutePath: Hashable, Sendable, CustomStringConvertible {
    /// The corresponding C constant is `PATH_MAX` (less the closing zero).
    package static let maximumLength = 4095
    /// The corresponding C constant is `NAME_MAX`.
    package static let maximumComponentLength = 255

    package let text: String

    package init(_ text: String) throws(NameError) {
        func refused(_ problem: String) -> NameError { NameError(kind: "path", text: text, problem: problem) }
        guard text.utf8.first == UInt8(ascii: "/") else { throw refused("it does not start with '/'") }
        if text.utf8.count > Self.maximumLength { throw refused("it is longer than \(Self.maximumLength) bytes") }
        for component in text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            if component.isEmpty { throw refused("it has an empty component") }
            if component.elementsEqual(".".utf8) || component.elementsEqual("..".utf8) {
                throw refused("it has the component '\(String(component) ?? "..")'")
            }
            if component.count > Self.maximumComponentLength {
                throw refused("a component of it is longer than \(Self.maximumComponentLength) bytes")
            }
            if component.contains(where: { $0 < 0x20 || $0 == 0x7f }) { throw refused("it has a control character") }
        }
        self.text = text
    }

    /// The path of a file in this directory; `name` may hold no slash.
    package func appending(_ name: String) throws(NameError) -> AbsolutePath {
        if name.utf8.contains(UInt8(ascii: "/")) {
            throw NameError(kind: "file name", text: name, problem: "it has the character '/'")
        }
        return try AbsolutePath(text + "/" + name)
    }

    package var description: String { text }
}

extension AbsolutePath: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
