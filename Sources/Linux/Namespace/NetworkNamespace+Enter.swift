// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import SystemPackage

extension NetworkNamespace {
    /// Runs a body with the calling thread in this namespace, and brings the thread back.
    ///
    /// The body is synchronous: after an `await` it could go on, and go back, on another thread. When the thread cannot
    /// be brought back the process ends: all later work on that thread would silently change the wrong namespace,
    /// a task's instead of the host's, and no caller could tell.
    ///
    /// - Throws: what the body throws; `LinuxError` when the thread cannot go in (`EPERM`: needs CAP_SYS_ADMIN).
    package func enter<Result: ~Copyable>(_ body: () throws -> Result) throws -> Result {
        let home = try Self.home()
        let status = withRawDescriptor { tasknet_setns($0, CInt(CLONE_NEWNET)) }
        guard status == 0 else { throw LinuxError.last("enter network namespace", description) }
        defer { Self.goHome(home) }
        return try body()
    }

    /// A new namespace's descriptor.
    ///
    /// Made by leaving for it on the calling thread and coming back, as in `enter`. A thread of its own would do as well,
    /// but on a busy machine it waits for its turn, which takes longer than all the rest of a task's network.
    static func unshare(_ operation: String, _ object: String) throws(LinuxError) -> OwnedDescriptor {
        let home = try home()
        guard tasknet_unshare(CInt(CLONE_NEWNET)) == 0 else { throw .last(operation, object) }
        defer { goHome(home) }
        return try OwnedDescriptor.open(ownPath, O_RDONLY, operation: operation)
    }

    /// Where the calling thread is.
    private static func home() throws(LinuxError) -> OwnedDescriptor {
        try OwnedDescriptor.open(ownPath, O_RDONLY, operation: "remember the network namespace")
    }

    private static func goHome(_ home: borrowing OwnedDescriptor) {
        guard home.withRaw({ tasknet_setns($0, CInt(CLONE_NEWNET)) }) != 0 else { return }
        let text = "tasknet: cannot leave a network namespace: \(Errno.last). Ending, not to work in the wrong one.\n"
        _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
        abort()
    }
}
