// SPDX-License-Identifier: Apache-2.0

/// How text stands out on a terminal. What it says is said by its words alone.
enum Style: Sendable {
    case plain, bold, dim, good, caution, bad

    /// `text` between the control sequences of this style.
    func painted(_ text: String) -> String {
        let code: String
        switch self {
        case .plain: return text
        case .bold: code = "1"
        case .dim: code = "2"
        case .good: code = "32"
        case .caution: code = "33"
        case .bad: code = "31"
        }
        return "\u{1b}[\(code)m\(text)\u{1b}[0m"
    }
}
