// SPDX-License-Identifier: Apache-2.0

/// Why a text is not JSON, and where.
struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    var position: TextPosition
    var message: String
    /// The line in question and a mark under the place.
    var excerpt: String?

    var description: String {
        let first = "\(position): \(message)"
        return excerpt.map { "\(first)\n\($0)" } ?? first
    }
}
