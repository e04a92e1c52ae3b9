// SPDX-License-Identifier: Apache-2.0

/// Why a text is not JSON, and where.
package struct JSONError: Error, Equatable, Sendable, CustomStringConvertible {
    package var position: TextPosition
    package var message: String
    /// The line in question and a mark under the place.
    package var excerpt: String?

    package var description: String {
        let first = "\(position): \(message)"
        return excerpt.map { "\(first)\n\($0)" } ?? first
    }
}
