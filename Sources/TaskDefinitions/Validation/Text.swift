// SPDX-License-Identifier: Apache-2.0

/// Rules that texts of a definition have in common.
enum Text {
    /// Letters, digits, hyphens and underscores, 1 to 255 of them: what names of families, containers and volumes
    /// consist of. Such a name is safe as the name of a file.
    static func isName(_ text: String) -> Bool {
        (1...255).contains(text.utf8.count) && text.utf8.allSatisfy(isNameByte)
    }

    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"):
            true
        default: false
        }
    }

    /// What an image reference consists of.
    static func isImage(_ text: String) -> Bool {
        text.utf8.allSatisfy { isNameByte($0) || ".:/@#+".utf8.contains($0) }
    }

    /// No program can be given a text with a NUL in it.
    static func containsNUL(_ text: String) -> Bool { text.utf8.contains(0) }

    /// An absolute path without NUL and without `..`.
    static func isContainerPath(_ text: String) -> Bool {
        text.utf8.first == UInt8(ascii: "/") && !containsNUL(text)
            && !text.utf8.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual("..".utf8) }
    }

    /// A container path that something can be mounted on.
    static func isMountTarget(_ text: String) -> Bool {
        isContainerPath(text) && text.utf8.contains { $0 != UInt8(ascii: "/") }
    }

    /// The name of a kernel parameter, with dots or slashes between its parts.
    static func isKernelParameter(_ text: String) -> Bool {
        let dot = UInt8(ascii: ".")
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        return parts.allSatisfy { part in
            part.allSatisfy { isNameByte($0) || $0 == dot } && !part.allSatisfy { $0 == dot }
                && !zip(part, part.dropFirst()).contains { $0 == dot && $1 == dot }
        } && text.utf8.count <= 255
    }
}
