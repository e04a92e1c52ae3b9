// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
package import SystemPackage

/// A file descriptor that closes when it goes out of scope.
package struct OwnedDescriptor: ~Copyable, Sendable {
    private let raw: CInt

    /// Takes over an open descriptor.
    package init(_ raw: CInt) {
        self.raw = raw
    }

    deinit {
        // Linux has freed the number whatever close(2) says, EINTR too: there is nothing to do again.
        _ = close(raw)
    }

    /// The number, for as long as the descriptor is borrowed.
    package func withRaw<Result: ~Copyable, Failure: Error>(
        _ body: (CInt) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try body(raw)
    }

    /// Gives the descriptor away: whoever takes it has to close it.
    package consuming func take() -> CInt {
        let raw = self.raw
        discard self
        return raw
    }

    /// Opens a file, closed on exec.
    ///
    /// - Parameters:
    ///   - flags: `O_*` constants; `O_CLOEXEC` is added.
    ///   - operation: what the caller is about, for the error.
    package static func open(
        _ path: FilePath, _ flags: CInt, mode: UInt32 = 0, operation: String = "open"
    ) throws(LinuxError) -> OwnedDescriptor {
        try open(path.string, flags, mode: mode, operation: operation)
    }

    /// On the way of every task a path is not taken apart: unoptimised, `FilePath` needs milliseconds for that.
    static func open(
        _ path: String, _ flags: CInt, mode: UInt32 = 0, operation: String = "open"
    ) throws(LinuxError) -> OwnedDescriptor {
        let raw = retryingOnInterrupt { tasknet_open(path, flags | O_CLOEXEC, mode) }
        guard raw >= 0 else { throw .last(operation, path) }
        return OwnedDescriptor(raw)
    }
}

/// Repeats a call that a signal interrupted.
func retryingOnInterrupt<Result: SignedInteger>(_ call: () -> Result) -> Result {
    while true {
        let result = call()
        if result == -1, Errno.last == .interrupted { continue }
        return result
    }
}
