// SPDX-License-Identifier: Apache-2.0
import CLinux
package import SystemPackage

/// A system call that failed: what was being done, to what, and what the kernel said.
///
/// Prints as "open network namespace /run/netns/x: No such file or directory (ENOENT)".
package struct LinuxError: Error, Hashable, Sendable, CustomStringConvertible {
    package let operation: String
    package let object: String
    package let errno: Errno
    /// Says more than the errno's own text, where there is more to say.
    package let reason: String?

    package init(_ operation: String, _ object: String, _ errno: Errno, reason: String? = nil) {
        self.operation = operation
        self.object = object
        self.errno = errno
        self.reason = reason
    }

    /// What the calling thread's last failed call left behind. To be called before anything else can run.
    package static func last(_ operation: String, _ object: String) -> LinuxError {
        let errno = Errno.last
        return LinuxError(operation, object, errno)
    }

    package var description: String {
        "\(operation) \(object): \(reason ?? errno.description) (\(errno.name))"
    }
}

extension Errno {
    /// The last error of the calling thread: `errno`.
    package static var last: Errno { Errno(rawValue: currentErrno()) }

    /// The constant's name, "ENOENT"; the number where it has none.
    package var name: String {
        guard let name = tasknet_errno_name(rawValue) else { return "errno \(rawValue)" }
        return String(cString: name)
    }
}
