// SPDX-License-Identifier: Apache-2.0

extension [String] {
    /// The first of them, for a message.
    package var listed: String {
        let most = 10
        return prefix(most).joined(separator: ", ") + (count > most ? " and \(count - most) more" : "")
    }
}
