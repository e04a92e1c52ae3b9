// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc

/// Tells when something is mounted or unmounted in this process's mount namespace, from the moment this is made. For one
/// reader.
///
/// Watches of directories (`inotify`) say nothing about mounts. The kernel tells those who poll `/proc/self/mountinfo`, by an
/// event that the shared waiting for descriptors does not know; an epoll descriptor around it can be read when it has one.
package final class MountChanges: Sendable {
    private let table: OwnedDescriptor
    private let changes: OwnedDescriptor

    package init() throws(LinuxError) {
        let path = "/proc/self/mountinfo"
        table = try OwnedDescriptor.open(path, O_RDONLY, operation: "watch")
        let raw = table.withRaw { tasknet_watch_exceptional($0) }
        guard raw >= 0 else { throw .last("watch", path) }
        changes = OwnedDescriptor(raw)
        // What was mounted before is nothing new.
        forget()
    }

    /// Waits for the next change, without holding a thread. Several that came meanwhile are one.
    ///
    /// - Returns: whether there was one; false when the task is cancelled.
    package func next() async -> Bool {
        await changes.untilReadable()
        forget()
        return !Task.isCancelled
    }

    private func forget() { changes.withRaw { tasknet_forget_exceptional($0) } }
}
