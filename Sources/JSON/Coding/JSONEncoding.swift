// SPDX-License-Identifier: Apache-2.0

/// Swift's values as compact JSON, member by member as they come: no tree of values is made in between.
///
/// Objects have their keys in the order of their bytes as they are written, so that equal values are equal texts. A value
/// is written as its `encode(to:)` says, whatever its type: there are no forms of their own for dates or data.
package enum JSONEncoding {
    /// - Throws: `EncodingError` for a number that JSON has no word for; what a value's own `encode(to:)` throws.
    package static func bytes(of value: some Encodable) throws -> [UInt8] {
        let text = JSONTextUnderWay()
        try text.encode(value)
        return text.bytes
    }

    package static func text(of value: some Encodable) throws -> String {
        String(decoding: try bytes(of: value), as: UTF8.self)
    }
}

/// The text so far, for all that write into it in turn.
final class JSONTextUnderWay {
    /// One variable, and each change of it one call: Swift looks with each access whether there is another.
    private var text = JSONText()

    var bytes: [UInt8] { text.bytes }
    /// How many containers are open.
    var depth: Int { text.depth }

    func encode(_ value: some Encodable) throws {
        let (depth, count) = (text.depth, text.bytes.count)
        try value.encode(to: JSONValueEncoder(text: self, depth: depth))
        text.endValue(begunAt: count, depth)
    }

    func openContainer(isObject: Bool, at depth: Int) { text.openContainer(isObject: isObject, at: depth) }
    func beginMember(_ key: String, at depth: Int) { text.beginMember(key, at: depth) }
    func beginElement(at depth: Int) { text.beginItem(at: depth) }
    func appendNull() { text.append(plain: "null") }
    func append(_ value: Bool) { text.append(plain: value ? "true" : "false") }
    func append(_ value: some BinaryInteger) { text.append(value) }
    func append(_ value: String) { text.append(value) }
    func append(_ value: some BinaryFloatingPoint & LosslessStringConvertible) throws { try text.append(value) }
}

/// The text so far, and the objects and lists in it that are not closed yet.
private struct JSONText {
    private(set) var bytes: [UInt8] = []
    private var open: [OpenContainer] = []
    /// Of the open objects, one after the other.
    private var members: [Member] = []

    private struct OpenContainer {
        let isObject: Bool
        /// Of `members`: where this one's begin.
        let firstMember: Int
        var isEmpty = true
        /// Whether its keys came in order, each once.
        var isInOrder = true
    }

    /// Places in `bytes`.
    private struct Member {
        let start: Int
        /// Without the quotation marks.
        let key: Range<Int>
    }

    init() { bytes.reserveCapacity(1 << 10) }

    var depth: Int { open.count }

    mutating func endValue(begunAt count: Int, _ depth: Int) {
        close(to: depth)
        // It had nothing to say of itself.
        if bytes.count == count { append(plain: "{}") }
    }

    /// The object or list of the value at that depth: one that is there already where a value asks twice, because a part
    /// of it has written itself into the same.
    mutating func openContainer(isObject: Bool, at depth: Int) {
        if open.count > depth {
            close(to: depth + 1)
            precondition(open[depth].isObject == isObject, "a value is either an object or a list")
            return
        }
        append(byte: UInt8(ascii: isObject ? "{" : "["))
        open.append(OpenContainer(isObject: isObject, firstMember: members.count))
    }

    /// To be followed by one value.
    mutating func beginMember(_ key: String, at depth: Int) {
        beginItem(at: depth)
        let start = bytes.count
        append(key)
        let range = start + 1..<bytes.count - 1
        if open[depth].isInOrder, members.count > open[depth].firstMember,
            !precedes(members[members.count - 1].key, range)
        {
            open[depth].isInOrder = false
        }
        members.append(Member(start: start, key: range))
        append(byte: UInt8(ascii: ":"))
    }

    /// To be followed by one value.
    mutating func beginItem(at depth: Int) {
        precondition(open.count > depth, "what was left is closed")
        close(to: depth + 1)
        if open[depth].isEmpty {
            open[depth].isEmpty = false
        } else {
            append(byte: UInt8(ascii: ","))
        }
    }

    private mutating func close(to depth: Int) {
        while open.count > depth {
            guard let container = open.popLast() else { return }
            if !container.isInOrder { putInOrder(from: container.firstMember) }
            members.removeLast(members.count - container.firstMember)
            append(byte: UInt8(ascii: container.isObject ? "}" : "]"))
        }
    }

    /// Of the innermost object. Of a key that was written twice the last is the one.
    private mutating func putInOrder(from firstMember: Int) {
        let start = members[firstMember].start
        var ordered: [(member: Member, end: Int)] = []
        ordered.reserveCapacity(members.count - firstMember)
        for index in firstMember..<members.count {
            let end = index + 1 < members.count ? members[index + 1].start - 1 : bytes.count
            ordered.append((members[index], end))
        }
        ordered.sort { left, right in
            if precedes(left.member.key, right.member.key) { return true }
            return left.member.start < right.member.start && !precedes(right.member.key, left.member.key)
        }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count - start)
        for index in ordered.indices {
            let (member, end) = ordered[index]
            if index + 1 < ordered.count, !precedes(member.key, ordered[index + 1].member.key) { continue }
            if !text.isEmpty { text.append(UInt8(ascii: ",")) }
            text += bytes[member.start..<end]
        }
        bytes.replaceSubrange(start..., with: text)
    }

    private func precedes(_ left: Range<Int>, _ right: Range<Int>) -> Bool {
        bytes.withUnsafeBufferPointer { bytes in
            bytes[left].lexicographicallyPrecedes(bytes[right])
        }
    }
}

extension JSONText {
    mutating func append(byte: UInt8) { bytes.append(byte) }

    mutating func append(plain text: StaticString) {
        text.withUTF8Buffer { bytes += $0 }
    }

    mutating func append(_ value: some BinaryInteger) {
        if let word = Int(exactly: value), (0...9).contains(word) {
            append(byte: UInt8(ascii: "0") + UInt8(word))
        } else {
            bytes += String(value).utf8
        }
    }

    /// - Throws: `EncodingError` for what is not finite.
    mutating func append<Number: BinaryFloatingPoint & LosslessStringConvertible>(_ value: Number) throws {
        guard value.isFinite else {
            throw EncodingError.invalidValue(
                value, EncodingError.Context(codingPath: [], debugDescription: "JSON has no number \(value)"))
        }
        let text = value.description
        bytes += text.utf8.dropLast(text.utf8.suffix(2).elementsEqual(".0".utf8) ? 2 : 0)
    }

    mutating func append(_ value: String) {
        var value = value
        append(byte: UInt8(ascii: "\""))
        value.withUTF8 { text in
            var plain = 0
            for (index, byte) in text.enumerated() where byte < 0x20 || byte == 0x22 || byte == 0x5c {
                bytes += text[plain..<index]
                append(escaped: byte)
                plain = index + 1
            }
            bytes += text[plain...]
        }
        append(byte: UInt8(ascii: "\""))
    }

    private mutating func append(escaped byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): append(plain: "\\\"")
        case UInt8(ascii: "\\"): append(plain: "\\\\")
        case 0x08: append(plain: "\\b")
        case 0x0c: append(plain: "\\f")
        case UInt8(ascii: "\n"): append(plain: "\\n")
        case UInt8(ascii: "\r"): append(plain: "\\r")
        case UInt8(ascii: "\t"): append(plain: "\\t")
        default:
            append(plain: "\\u00")
            bytes += (byte < 0x10 ? "0" : "").utf8
            bytes += String(byte, radix: 16).utf8
        }
    }
}
