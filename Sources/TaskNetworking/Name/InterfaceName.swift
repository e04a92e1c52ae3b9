// SPDX-License-Identifier: Apache-2.0

/// A link's name, checked by the kernel's own rules (`dev_valid_name`) and kept to printable ASCII besides, because it
/// ends up in paths below `/proc/sys`, in logs and in tables.
package struct InterfaceName: Hashable, Sendable, CustomStringConvertible {
    /// The longest name. The corresponding C constant is `IFNAMSIZ` (less the closing zero).
    package static let maximumLength = 15

    package let text: String

    /// The link that every namespace has.
    package static let loopback = InterfaceName(unchecked: "lo")

    private init(unchecked text: String) { self.text = text }

    package init(_ text: String) throws(NameError) {
        func refused(_ problem: String) -> NameError {
            NameError(kind: "interface name", text: text, problem: problem)
        }
        if text.isEmpty { throw refused("it is empty") }
        if text.utf8.count > Self.maximumLength {
            throw refused("it has \(text.utf8.count) bytes, and a link's name has at most \(Self.maximumLength)")
        }
        if text == "." || text == ".." { throw refused("it is the name of a directory") }
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "/"), UInt8(ascii: ":"), UInt8(ascii: "%"):
                throw refused("it has the character '\(Character(UnicodeScalar(byte)))'")
            case 0x21...0x7e: continue
            default: throw refused("it has a character that is not printable ASCII")
            }
        }
        self.text = text
    }

    package var description: String { text }
}

extension InterfaceName: Codable {
    package init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}
