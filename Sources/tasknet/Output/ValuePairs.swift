// SPDX-License-Identifier: Apache-2.0

import ControlClient
import JSON

/// Names and values in two columns; pairs without a value are left out.
struct ValuePairs {
    var pairs: [(String, String?)]

    init(_ pairs: [(String, String?)]) { self.pairs = pairs }

    /// - Parameter alreadyPainted: the name whose value is shown as it is.
    func lines(alreadyPainted: String? = nil) -> [String] {
        let shown = pairs.compactMap { name, value in
            value.flatMap { $0.isEmpty ? nil : (name, name == alreadyPainted ? $0 : EscapedText.of($0)) }
        }
        let width = shown.map(\.0.count).max() ?? 0
        return shown.map { $0 + String(repeating: " ", count: width + 2 - $0.count) + $1 }
    }
}
