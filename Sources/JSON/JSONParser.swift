// SPDX-License-Identifier: Apache-2.0

/// Reads JSON exactly as RFC 8259 has it, and says in a person's words where and how a text departs from it.
///
/// A key that an object has twice is kept twice: the reader of the document decides.
package struct JSONParser {
    /// Nesting beyond this is refused.
    package static let maximumDepth = 128

    let bytes: [UInt8]
    var index = 0
    private var depth = 0
    /// A place already counted to: values are met in order, so that counting on from it visits each byte once.
    private var counted = (index: 0, position: TextPosition(line: 1, column: 1))

    /// The one value that `bytes` hold, as UTF-8 with or without a byte order mark.
    package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONNode {
        var parser = JSONParser(bytes: bytes)
        return try parser.document()
    }

    private init(bytes: [UInt8]) {
        self.bytes = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
    }

    private mutating func document() throws(JSONError) -> JSONNode {
        try requireUTF8()
        try skipSpace()
        guard let first = next else { throw error("the text is empty") }
        if first != UInt8(ascii: "{"), first != UInt8(ascii: "[") {
            throw error("a JSON document begins with { or [, this one with \(described(first))")
        }
        let value = try value()
        try skipSpace()
        if next != nil { throw error("the document has ended; this is left over") }
        return value
    }

    private mutating func requireUTF8() throws(JSONError) {
        // Every string below can then be decoded without a replacement character creeping in unseen.
        if String(validating: bytes, as: UTF8.self) != nil { return }
        throw error("the text is not UTF-8", at: bytes[index...].firstInvalidUTF8Index)
    }

    private mutating func value() throws(JSONError) -> JSONNode {
        guard let first = next else { throw error("the text ends where a value is expected") }
        let position = positionHere()
        switch first {
        case UInt8(ascii: "{"): return JSONNode(.object(try members()), at: position)
        case UInt8(ascii: "["): return JSONNode(.array(try elements()), at: position)
        case UInt8(ascii: "\""): return JSONNode(.string(try string()), at: position)
        case UInt8(ascii: "-"), 0x30...0x39: return JSONNode(.number(try number()), at: position)
        default: return JSONNode(try word(), at: position)
        }
    }

    private mutating func members() throws(JSONError) -> [JSONMember] {
        var members: [JSONMember] = []
        try list(closedBy: UInt8(ascii: "}"), of: "object") { (parser) throws(JSONError) in
            let position = parser.positionHere()
            guard parser.next == UInt8(ascii: "\"") else { throw parser.error(parser.complaintAboutKey()) }
            let key = try parser.string()
            try parser.skipSpace()
            guard parser.next == UInt8(ascii: ":") else {
                throw parser.error("a colon is missing after the key \(EscapedText.quoted(key.utf8))")
            }
            parser.index += 1
            try parser.skipSpace()
            members.append(JSONMember(key, at: position, try parser.value()))
        }
        return members
    }

    private mutating func elements() throws(JSONError) -> [JSONNode] {
        var elements: [JSONNode] = []
        try list(closedBy: UInt8(ascii: "]"), of: "list") { (parser) throws(JSONError) in
            elements.append(try parser.value())
        }
        return elements
    }

    /// An opening bracket, items with commas between them, the closing bracket.
    private mutating func list(
        closedBy close: UInt8, of kind: String, item: (inout JSONParser) throws(JSONError) -> Void
    ) throws(JSONError) {
        let start = index
        depth += 1
        guard depth <= Self.maximumDepth else { throw error("nested deeper than \(Self.maximumDepth) levels") }
        defer { depth -= 1 }
        index += 1
        try skipSpace()
        if next == close {
            index += 1
            return
        }
        while true {
            try item(&self)
            try skipSpace()
            switch next {
            case close:
                index += 1
                return
            case UInt8(ascii: ","):
                let comma = index
                index += 1
                try skipSpace()
                if next == close {
                    throw error("remove this comma: nothing follows it before the \(kind) ends", at: comma)
                }
            case nil:
                throw error("the text ends inside the \(kind) that begins at \(position(of: start))")
            case UInt8(ascii: "]"), UInt8(ascii: "}"):
                throw error("the \(kind) that begins at \(position(of: start)) is closed by the wrong bracket")
            case .some:
                throw error("a comma is missing before this")
            }
        }
    }

    private mutating func number() throws(JSONError) -> String {
        let start = index
        if next == UInt8(ascii: "-") { index += 1 }
        let whole = index
        skipDigits()
        guard index > whole else { throw error("a digit is expected after the minus sign") }
        if bytes[whole] == UInt8(ascii: "0"), index > whole + 1 {
            throw error("a number has no leading zero (write it as a string if the zero matters)", at: whole)
        }
        if next == UInt8(ascii: ".") {
            index += 1
            let fraction = index
            skipDigits()
            guard index > fraction else { throw error("a digit is expected after the decimal point") }
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            index += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { index += 1 }
            let exponent = index
            skipDigits()
            guard index > exponent else { throw error("a digit is expected in the exponent") }
        }
        return String(decoding: bytes[start..<index], as: UTF8.self)
    }

    private mutating func skipDigits() {
        while let byte = next, (0x30...0x39).contains(byte) { index += 1 }
    }

    private mutating func word() throws(JSONError) -> JSONNode.Kind {
        let start = index
        let letters = bytes[index...].prefix { $0 | 0x20 >= UInt8(ascii: "a") && $0 | 0x20 <= UInt8(ascii: "z") }
        let word = String(decoding: letters, as: UTF8.self)
        index += letters.count
        switch word {
        case "true": return .boolean(true)
        case "false": return .boolean(false)
        case "null": return .null
        case "True", "TRUE", "yes": throw error("write true, not \(word)", at: start)
        case "False", "FALSE", "no": throw error("write false, not \(word)", at: start)
        case "None", "nil", "undefined": throw error("write null, not \(word)", at: start)
        case "": throw error("a value is expected here, not \(described(bytes[start]))", at: start)
        default: throw error("a value is expected here; text stands in double quotes: \"\(word)\"", at: start)
        }
    }
}

extension JSONParser {
    /// The byte at hand, nil at the end.
    var next: UInt8? { index < bytes.count ? bytes[index] : nil }

    mutating func skipSpace() throws(JSONError) {
        while let byte = next {
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
                index += 1
            case UInt8(ascii: "#"):
                throw error("JSON has no comments; remove this one")
            case UInt8(ascii: "/") where bytes[index...].dropFirst().first.map({ $0 == 0x2f || $0 == 0x2a }) == true:
                throw error("JSON has no comments; remove this one")
            default:
                return
            }
        }
    }

    func complaintAboutKey() -> String {
        guard let byte = next else { return "the text ends where a key is expected" }
        let isLetter = (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
        return isLetter
            ? "a key stands in double quotes" : "a key in double quotes is expected here, not \(described(byte))"
    }

    /// The character that begins at the byte at hand, for an error text.
    func described(_ byte: UInt8) -> String {
        if byte == UInt8(ascii: "'") { return "a single quote: strings stand in double quotes" }
        guard byte >= 0x80, let scalar = String(decoding: bytes[index...].prefix(4), as: UTF8.self).unicodeScalars.first
        else {
            return EscapedText.quoted([byte])
        }
        if ("\u{2018}"..."\u{201f}").contains(scalar) || scalar == "\u{ab}" || scalar == "\u{bb}" {
            return "\(scalar), a typographic quotation mark: strings stand in plain double quotes (\")"
        }
        if scalar == "\u{a0}" { return "a no-break space: write a plain one" }
        return EscapedText.quoted(String(scalar).utf8)
    }

    /// The position of the byte at hand.
    private mutating func positionHere() -> TextPosition {
        var position = counted.position
        bytes.withUnsafeBufferPointer { bytes in
            for byte in bytes[counted.index..<index] {
                if byte == UInt8(ascii: "\n") {
                    position = TextPosition(line: position.line + 1, column: 1)
                } else if byte & 0xc0 != 0x80 {
                    position.column += 1
                }
            }
        }
        counted.position = position
        counted.index = index
        return counted.position
    }

    private func position(of index: Int) -> TextPosition {
        let before = bytes[..<min(index, bytes.count)]
        let lineStart = (before.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1
        return TextPosition(
            line: before.reduce(1) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 },
            column: 1 + scalarCount(before[lineStart...]))
    }

    private func scalarCount(_ slice: ArraySlice<UInt8>) -> Int {
        slice.reduce(0) { $1 & 0xc0 == 0x80 ? $0 : $0 + 1 }
    }

    func error(_ message: String, at place: Int? = nil) -> JSONError {
        let index = min(place ?? index, bytes.count)
        return JSONError(position: position(of: index), message: message, excerpt: excerpt(around: index))
    }

    /// At most 76 characters of the line, and a mark under the one at `index`.
    private func excerpt(around index: Int) -> String? {
        let newline = UInt8(ascii: "\n")
        let start = (bytes[..<index].lastIndex(of: newline) ?? -1) + 1
        let end = bytes[index...].firstIndex(of: newline) ?? bytes.count
        let line = Array(String(decoding: bytes[start..<end], as: UTF8.self).unicodeScalars)
        let column = scalarCount(bytes[start..<index])
        guard line.contains(where: { $0 != " " && $0 != "\t" && $0 != "\r" }) else { return nil }
        let first = max(0, min(column - 50, line.count - 76))
        let shown = line[first..<min(line.count, first + 76)].map { $0.value < 0x20 ? " " : $0 }
        var text = String.UnicodeScalarView()
        text.append(contentsOf: shown)
        return "    \(EscapedText.of(String(text)))\n    \(String(repeating: " ", count: column - first))^"
    }
}
