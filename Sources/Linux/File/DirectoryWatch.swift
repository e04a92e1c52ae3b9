// SPDX-License-Identifier: Apache-2.0
import Glibc
package import SystemPackage

/// Tells that names in some directories have gone or come by a rename, or the directories themselves have; not which, for
/// whoever looks for itself.
///
/// The corresponding C functions are `inotify_init1` and `inotify_add_watch`.
package final class DirectoryWatch: Sendable {
    private let descriptor: OwnedDescriptor

    package init() throws(LinuxError) {
        let raw = inotify_init1(CInt(IN_CLOEXEC | IN_NONBLOCK))
        guard raw >= 0 else { throw .last("watch", "directories") }
        descriptor = OwnedDescriptor(raw)
    }

    /// Watches a directory from now on. One that is watched already, by whatever path, is no error.
    package func add(_ directory: FilePath) throws(LinuxError) {
        let mask = IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF | IN_ONLYDIR
        guard descriptor.withRaw({ inotify_add_watch($0, directory.string, UInt32(mask)) }) >= 0 else {
            throw LinuxError.last("watch directory", directory.string)
        }
    }

    /// Waits until something has changed since the last call, without holding a thread.
    ///
    /// Returns at once when the task is cancelled, and after a time when nothing has changed.
    package func wait(atMost time: Duration) async {
        let raw = descriptor.withRaw { $0 }
        await withTaskGroup { group in
            group.addTask { await Readiness.wait(for: raw) }
            group.addTask { try? await Task.sleep(for: time) }
            await group.next()
            group.cancelAll()
        }
        var scrap = [UInt8](repeating: 0, count: 16 << 10)
        while read(raw, &scrap, scrap.count) > 0 {}
    }
}
