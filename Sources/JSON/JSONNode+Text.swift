// SPDX-License-Identifier: Apache-2.0

extension JSONNode {
    /// On one line, as it goes to the daemon.
    package var compactText: String {
        var text = ""
        write(to: &text, indentation: nil)
        return text
    }

    /// On several lines, two spaces a level, as it is shown.
    package var indentedText: String {
        var text = ""
        write(to: &text, indentation: 0)
        return text
    }

    private func write(to text: inout String, indentation: Int?) {
        switch kind {
        case .null: text += "null"
        case .boolean(let value): text += value ? "true" : "false"
        case .number(let literal): text += literal
        case .string(let value): Self.write(string: value, to: &text)
        case .array(let elements):
            Self.write(elements, between: ("[", "]"), to: &text, indentation: indentation) { element, text, inner in
                element.write(to: &text, indentation: inner)
            }
        case .object(let members):
            Self.write(members, between: ("{", "}"), to: &text, indentation: indentation) { member, text, inner in
                Self.write(string: member.key, to: &text)
                text += inner == nil ? ":" : ": "
                member.value.write(to: &text, indentation: inner)
            }
        }
    }

    private static func write<Item>(
        _ items: [Item], between brackets: (open: String, close: String), to text: inout String, indentation: Int?,
        _ writeItem: (Item, inout String, Int?) -> Void
    ) {
        text += brackets.open
        let inner = indentation.map { $0 + 2 }
        for (index, item) in items.enumerated() {
            if index > 0 { text += "," }
            if let inner { writeLineBreak(before: inner, to: &text) }
            writeItem(item, &text, inner)
        }
        if let indentation, !items.isEmpty { writeLineBreak(before: indentation, to: &text) }
        text += brackets.close
    }

    private static func writeLineBreak(before indentation: Int, to text: inout String) {
        text += "\n"
        for _ in 0..<indentation { text += " " }
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        (0x20..<0x7f).contains(byte) && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
    }

    private static func write(string: String, to text: inout String) {
        text += "\""
        defer { text += "\"" }
        // Most have nothing but themselves.
        if string.utf8.allSatisfy(isPlain) {
            text += string
            return
        }
        for scalar in string.unicodeScalars {
            switch scalar {
            case "\"": text += "\\\""
            case "\\": text += "\\\\"
            case "\n": text += "\\n"
            case "\r": text += "\\r"
            case "\t": text += "\\t"
            // Control characters must be escaped; DEL and C1 need not, but could steer a terminal that shows them.
            case _ where scalar.value < 0x20 || (0x7f...0x9f).contains(scalar.value):
                let digits = String(scalar.value, radix: 16)
                text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
