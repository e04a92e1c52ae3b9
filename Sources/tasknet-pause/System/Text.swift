// SPDX-License-Identifier: Apache-2.0
import CLinux

typealias Bytes = [UInt8]

/// A C text in memory that outlives its reader: a field of a message or of a specification.
typealias CText = UnsafePointer<CChar>

/// A NUL-terminated text whose length is known.
struct Text {
    let pointer: CText
    let count: Int

    init(_ pointer: CText) {
        self.init(pointer, count: strlen(pointer))
    }

    init(_ pointer: CText, count: Int) {
        self.pointer = pointer
        self.count = count
    }

    var isEmpty: Bool { count == 0 }

    var bytes: Bytes { Bytes(buffer) }

    var buffer: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: pointer, count: count) }

    func firstIndex(of byte: UInt8) -> Int? { buffer.firstIndex(of: byte) }

    /// What follows `count` bytes.
    func dropFirst(_ count: Int) -> Text {
        let dropped = min(count, self.count)
        return Text(pointer + dropped, count: self.count - dropped)
    }

    static func == (text: Text, word: String) -> Bool { text.buffer.elementsEqual(word.utf8) }

    static func == (text: Text, bytes: Bytes) -> Bool { text.buffer.elementsEqual(bytes) }
}

extension Array where Element == UInt8 {
    /// The bytes followed by the NUL that C wants.
    var terminated: Bytes { self + [0] }

    /// A C text that lives as long as the process: for the few that are set once, or are set in a child that executes.
    var permanent: CText {
        let text = UnsafeMutablePointer<CChar>.allocate(capacity: count + 1)
        for index in indices { text[index] = CChar(truncatingIfNeeded: self[index]) }
        text[count] = 0
        return UnsafePointer(text)
    }

    init(_ word: String) { self.init(word.utf8) }

    mutating func append(_ word: String) { append(contentsOf: word.utf8) }

    mutating func append(_ text: Text) { append(contentsOf: text.buffer) }

    mutating func append(decimal value: some BinaryInteger, width: Int = 1) {
        if value < 0 { append(UInt8(ascii: "-")) }
        let start = count
        var rest = value.magnitude
        repeat {
            append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        while count - start < width { append(UInt8(ascii: "0")) }
        self[start...].reverse()
    }
}

/// The number that `digits` write in `radix` (10 or 16), or nil when they do not, or when it does not fit.
func parseNumber(_ digits: some Sequence<UInt8>, radix: UInt64 = 10) -> UInt64? {
    var value: UInt64 = 0
    var isEmpty = true
    for digit in digits {
        let figure: UInt64
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): figure = UInt64(digit - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): figure = UInt64(digit - UInt8(ascii: "a") + 10)
        default: return nil
        }
        guard figure < radix else { return nil }
        let (product, isTooLarge) = value.multipliedReportingOverflow(by: radix)
        let (sum, isStillTooLarge) = product.addingReportingOverflow(figure)
        if isTooLarge || isStillTooLarge { return nil }
        value = sum
        isEmpty = false
    }
    return isEmpty ? nil : value
}
