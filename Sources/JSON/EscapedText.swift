// SPDX-License-Identifier: Apache-2.0

/// Text of unknown origin made fit to be shown: what could steer a terminal, or could make text look like another,
/// becomes visible.
package enum EscapedText {
    /// `text` with control and format characters written as `\n`, `\t`, `\r`, `\u{1b}`.
    package static func of(_ text: String) -> String {
        if text.unicodeScalars.allSatisfy({ !mustEscape($0) }) { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where mustEscape(scalar): result += "\\u{\(String(scalar.value, radix: 16))}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// The first bytes in double quotes, for an error text; bytes that are no UTF-8 become U+FFFD.
    package static func quoted(_ bytes: some Collection<UInt8>, limit: Int = 60) -> String {
        let shown = of(String(decoding: bytes.prefix(limit), as: UTF8.self))
        return "\"\(shown)\(bytes.count > limit ? "…" : "")\""
    }

    private static func mustEscape(_ scalar: Unicode.Scalar) -> Bool {
        if scalar.isASCII { return scalar.value < 0x20 || scalar.value == 0x7f }
        switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .surrogate: return true
        default: return false
        }
    }
}
