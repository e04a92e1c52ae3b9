// SPDX-License-Identifier: Apache-2.0

/// Why a request is refused: AWS's own sentence, and where that names neither the thing nor the mend, what does.
package struct ValidationFailure: Error, Hashable, Sendable, CustomStringConvertible {
    /// Which of AWS's exceptions it becomes.
    package enum Kind: Hashable, Sendable {
        /// `ClientException`
        case client
        /// `InvalidParameterException`
        case invalidParameter
    }

    package let kind: Kind
    /// AWS's sentence.
    package let message: String
    /// Which thing, and what to do about it.
    package let detail: String?
    /// EC2's, where it has one for this.
    package internal(set) var code: EC2ErrorCode?

    package init(_ kind: Kind, _ message: String, detail: String? = nil) {
        self.kind = kind
        self.message = message
        self.detail = detail
    }

    package var description: String {
        guard let code else { return detail.map { "\(message) (\($0))" } ?? message }
        return (detail.map { "\(message); \($0)" } ?? message) + " (ErrorCode: \(code.rawValue))"
    }
}
