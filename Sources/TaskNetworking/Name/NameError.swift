// SPDX-License-Identifier: Apache-2.0

/// A name or path that the kernel would refuse, or that points where it must not.
package struct NameError: Error, Hashable, CustomStringConvertible {
    /// What the text was meant to be: "interface name", "path".
    package let kind: String
    package let text: String
    package let problem: String

    package var description: String { "\(kind) \(text.debugDescription): \(problem)" }
}
