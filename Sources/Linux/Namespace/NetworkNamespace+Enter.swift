// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import Synchronization
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
        let back = try Self.wayBack()
        let descriptor = withRawDescriptor { $0 }
        guard tasknet_setns(descriptor, CInt(CLONE_NEWNET)) == 0 else {
            throw LinuxError.last("enter network namespace", description)
        }
        let outer = tasknet_entered_namespace()
        tasknet_note_entered_namespace(descriptor)
        defer {
            tasknet_note_entered_namespace(outer)
            Self.go(back)
        }
        return try body()
    }

    /// A new namespace's descriptor.
    ///
    /// Made by leaving for it on the calling thread and coming back, as in `enter`. A thread of its own would do as well,
    /// but on a busy machine it waits for its turn, which takes longer than all the rest of a task's network.
    static func unshare(_ operation: String, _ object: String) throws(LinuxError) -> OwnedDescriptor {
        let back = try wayBack()
        guard tasknet_unshare(CInt(CLONE_NEWNET)) == 0 else { throw .last(operation, object) }
        defer { go(back) }
        return try OwnedDescriptor.open(ownPath, O_RDONLY, operation: operation)
    }

    /// Where all threads are that have gone nowhere: found once, as looking for it is most of what going there costs.
    private static let home = Mutex<NetworkNamespace?>(nil)

    /// The descriptor of where the calling thread is, which stays open.
    private static func wayBack() throws(LinuxError) -> CInt {
        let entered = tasknet_entered_namespace()
        if entered >= 0 { return entered }
        return try home.withLock { home throws(LinuxError) in
            let known = if let home { home } else { try current() }
            home = known
            return known.withRawDescriptor { $0 }
        }
    }

    private static func go(_ back: CInt) {
        guard tasknet_setns(back, CInt(CLONE_NEWNET)) != 0 else { return }
        let text = "tasknet: cannot leave a network namespace: \(Errno.last). Ending, not to work in the wrong one.\n"
        _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
        abort()
    }
}
