// SPDX-License-Identifier: Apache-2.0
import CLinux

extension Array where Element == UInt8 {
    /// The inside of a JSON string: control characters escaped, each byte that is not UTF-8 replaced by U+FFFD.
    mutating func append(json text: UnsafeRawBufferPointer) {
        var index = 0
        while index < text.count {
            let byte = text[index]
            let length = characterLength(in: text, at: index)
            if length == 0 {
                append(contentsOf: [0xEF, 0xBF, 0xBD])
            } else if byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") {
                append(contentsOf: text[index..<index + length])
            } else {
                append(escaped: byte)
            }
            index += Swift.max(length, 1)
        }
    }

    private mutating func append(escaped byte: UInt8) {
        append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\n"): append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): append(UInt8(ascii: "t"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): append(byte)
        default:
            append(byte < 0x10 ? "u000" : "u001")
            let figure = byte & 0xF
            append(figure < 10 ? UInt8(ascii: "0") + figure : UInt8(ascii: "a") + figure - 10)
        }
    }

    /// How many bytes at the end are the beginning of a UTF-8 character that is not complete.
    var unfinishedCharacter: Int {
        withUnsafeBytes { bytes in
            for length in 1...3 where length <= bytes.count {
                let lead = bytes[bytes.count - length]
                if lead & 0xC0 == 0x80 { continue }
                let expected = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC2 ? 2 : 1
                return expected > length ? length : 0
            }
            return 0
        }
    }
}

/// The length of the UTF-8 character at `index`, or 0 when what is there is none.
private func characterLength(in text: UnsafeRawBufferPointer, at index: Int) -> Int {
    let lead = text[index]
    var second: ClosedRange<UInt8> = 0x80...0xBF
    let length: Int
    switch lead {
    case 0x00...0x7F: return 1
    case 0xC2...0xDF: length = 2
    case 0xE0...0xEF:
        length = 3
        // Neither overlong nor a surrogate.
        if lead == 0xE0 { second = 0xA0...0xBF }
        if lead == 0xED { second = 0x80...0x9F }
    case 0xF0...0xF4:
        length = 4
        if lead == 0xF0 { second = 0x90...0xBF }
        if lead == 0xF4 { second = 0x80...0x8F }
    default: return 0
    }
    guard index + length <= text.count, second.contains(text[index + 1]) else { return 0 }
    for following in text[index + 2..<index + length] where following & 0xC0 != 0x80 { return 0 }
    return length
}
