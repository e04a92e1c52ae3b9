// SPDX-License-Identifier: Apache-2.0

extension JSONParser {
    /// The string whose opening quotation mark is at hand.
    mutating func string() throws(JSONError) -> String {
        let start = index
        index += 1
        let end = plainEnd
        // Most have nothing but themselves.
        if end < bytes.count, bytes[end] == UInt8(ascii: "\"") {
            defer { index = end + 1 }
            return bytes.withUnsafeBufferPointer { String(decoding: $0[index..<end], as: UTF8.self) }
        }
        var content: [UInt8] = []
        while let byte = next {
            switch byte {
            case UInt8(ascii: "\""):
                index += 1
                return String(decoding: content, as: UTF8.self)
            case UInt8(ascii: "\\"):
                content.append(contentsOf: Array(String(try escape()).utf8))
            case UInt8(ascii: "\n"), UInt8(ascii: "\r"):
                throw error("this string does not end on its line (a line break inside one is written \\n)", at: start)
            case 0..<0x20:
                throw error("a control character inside a string must be escaped")
            default:
                let end = plainEnd
                content += bytes[index..<end]
                index = end
            }
        }
        throw error("the text ends inside this string", at: start)
    }

    /// Where the characters end that stand for themselves.
    private var plainEnd: Int {
        bytes.withUnsafeBufferPointer { bytes in
            var end = index
            while end < bytes.count, bytes[end] >= 0x20, bytes[end] != UInt8(ascii: "\""),
                bytes[end] != UInt8(ascii: "\\")
            {
                end += 1
            }
            return end
        }
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        let start = index
        index += 1
        guard let letter = next else { throw error("the text ends inside a string") }
        index += 1
        switch letter {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{08}"
        case UInt8(ascii: "f"): return "\u{0c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape(start: start)
        default: throw error("no such escape; a backslash itself is written \\\\", at: start)
        }
    }

    /// Four hexadecimal digits, and four more where the first are half of a surrogate pair.
    private mutating func unicodeEscape(start: Int) throws(JSONError) -> Unicode.Scalar {
        let first = try fourHexDigits(start: start)
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard (0xd800..<0xdc00).contains(first), bytes[index...].starts(with: "\\u".utf8) else {
            throw error("half of a surrogate pair", at: start)
        }
        index += 2
        let second = try fourHexDigits(start: start)
        guard (0xdc00..<0xe000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + (first - 0xd800) << 10 + (second - 0xdc00))
        else {
            throw error("half of a surrogate pair", at: start)
        }
        return scalar
    }

    private mutating func fourHexDigits(start: Int) throws(JSONError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = next, byte < 0x80, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw error("\\u is followed by four hexadecimal digits", at: start)
            }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }
}

extension ArraySlice<UInt8> {
    /// Where the first byte stands that is not part of well-formed UTF-8.
    var firstInvalidUTF8Index: Int? {
        var parser = Unicode.UTF8.ForwardParser()
        var bytes = makeIterator()
        var place = startIndex
        while true {
            switch parser.parseScalar(from: &bytes) {
            case .valid(let sequence): place += sequence.count
            case .error: return place
            case .emptyInput: return nil
            }
        }
    }
}
