// SPDX-License-Identifier: Apache-2.0

/// Why a text is not the address that it should be: quotes the text and names the fault.
package struct AddressError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The text as it was given.
    package let input: String
    /// What it should have been, with its article: "an IPv4 address".
    package let expected: String
    /// What is wrong with it: "the number 300 is over 255".
    package let reason: String

    package init(input: String, expected: String, reason: String) {
        self.input = input
        self.expected = expected
        self.reason = reason
    }

    package var description: String { "\(Self.quoted(input)) is not \(expected): \(reason)" }

    /// The text in quotes, fit for one line of a log: cut when long, control characters escaped.
    static func quoted(_ text: String) -> String {
        let shown = 64
        var result = "\""
        for scalar in text.unicodeScalars.prefix(shown) { result += scalar.escaped(asASCII: false) }
        return result + (text.unicodeScalars.dropFirst(shown).isEmpty ? "\"" : "...\"")
    }
}

/// What a parser found wrong. Holds no text, so that probing what a text could be costs no allocation.
enum AddressFault: Error {
    case empty
    case tooLong
    case unexpected(UInt8, at: Int)
    case leadingZero
    case octetTooLarge(Int)
    case octetCount(Int)
    case missingNumber(at: Int)
    case groupTooLong
    case groupCount(Int)
    case secondGap
    case gapOfNothing
    case zone
    case macGroup
    case macGroupCount(Int)
    case prefixMissing
    case prefixTooLong(Int, most: Int)
    case hostBits(IPAddress, prefixLength: Int)

    var reason: String {
        switch self {
        case .empty: "it is empty"
        case .tooLong: "it is too long"
        case .unexpected(let byte, let position):
            "\(AddressError.quoted(Self.character(byte))) at position \(position + 1) does not belong there"
        case .leadingZero: "a number has a leading zero"
        case .octetTooLarge(let value): "the number \(value) is over 255"
        case .octetCount(let count): "it has \(count) of 4 numbers"
        case .missingNumber(let position): "a number is missing at position \(position + 1)"
        case .groupTooLong: "a group has more than 4 hexadecimal digits"
        case .groupCount(let count): count < 8 ? "it has \(count) of 8 groups" : "it has more than 8 groups"
        case .secondGap: "\"::\" stands there more than once"
        case .gapOfNothing: "\"::\" stands for no group at all"
        case .zone: "a zone (\"%...\") is not part of an address"
        case .macGroup: "each group has two hexadecimal digits"
        case .macGroupCount(let count): "it has \(count) of 6 groups"
        case .prefixMissing: "the prefix length (\"/24\") is missing"
        case .prefixTooLong(let length, let most): "the prefix length \(length) is over \(most)"
        case .hostBits(let network, let prefixLength):
            "it has host bits set; the block would be \(network)/\(prefixLength)"
        }
    }

    private static func character(_ byte: UInt8) -> String {
        byte < 0x80 ? String(UnicodeScalar(byte)) : "a character that is not ASCII"
    }
}
