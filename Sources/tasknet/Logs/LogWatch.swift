// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import SystemPackage

/// Tells when something in some directories changes.
///
/// The corresponding C functions are `inotify_init1` and `inotify_add_watch`.
struct LogWatch: ~Copyable {
    private let descriptor: OwnedDescriptor
    private var watched: Set<String> = []

    init() throws(LinuxError) {
        let raw = inotify_init1(CInt(IN_CLOEXEC | IN_NONBLOCK))
        guard raw >= 0 else { throw .last("watch", "logs") }
        descriptor = OwnedDescriptor(raw)
    }

    /// Watches what is in `directory`, now or (when this is called again) once it is there.
    mutating func add(_ directory: String) throws(LinuxError) {
        if watched.contains(directory) { return }
        let mask = UInt32(IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_ONLYDIR)
        guard descriptor.withRaw({ inotify_add_watch($0, directory, mask) }) >= 0 else {
            let errno = Errno.last
            if errno == .noSuchFileOrDirectory { return }
            throw LinuxError("watch", directory, errno)
        }
        watched.insert(directory)
    }

    /// Returns when something has changed, and at the deadline at the latest.
    func wait(until deadline: ContinuousClock.Instant) throws(LinuxError) {
        guard try descriptor.waitUntilReadable(until: deadline) else { return }
        // What has changed is found out by looking; the events only wake up, so they are read and dropped.
        var scrap = [UInt8](repeating: 0, count: 16 << 10)
        descriptor.withRaw { raw in
            while read(raw, &scrap, scrap.count) > 0 {}
        }
    }
}
