// SPDX-License-Identifier: Apache-2.0
package import SystemPackage

/// What the pause process refused, in its own words (`exec "foo": No such file or directory`), or that it cannot be
/// spoken to.
package struct PauseError: Error, Hashable, Sendable, CustomStringConvertible {
    package let errno: Errno
    package let description: String

    package init(_ description: String, _ errno: Errno) {
        self.errno = errno
        self.description = description
    }

    /// The pause process ended, or the connection was closed.
    package static let disconnected = PauseError("the connection to the pause process is closed", .brokenPipe)
}
