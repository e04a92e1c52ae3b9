// SPDX-License-Identifier: Apache-2.0
import Dispatch
import Glibc
import SystemPackage

/// Tells when something is mounted or unmounted in this process's mount namespace, from the moment this is made. For one
/// reader.
///
/// Watches of directories (`inotify`) say nothing about mounts. The kernel tells those who poll `/proc/self/mountinfo`, each
/// change once, to whoever asks first. An epoll descriptor asks more than once before it tells, and what happened before
/// it began to wait is lost on the way: a thread waits here with poll(2).
package final class MountChanges: Sendable {
    private let changes: AsyncStream<Void>
    /// As long as it is open, somebody waits.
    private let life: OwnedDescriptor

    package init() throws(LinuxError) {
        let (stream, continuation) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let ends = try PipeEnds()
        changes = stream
        life = ends.writing
        let table = try MountTable(endedBy: ends.reading)
        DispatchQueue(label: "mounts").async {
            while table.waitForChange() { continuation.yield() }
            continuation.finish()
        }
    }

    /// Waits for the next change. Several that came meanwhile are one.
    ///
    /// - Returns: whether there was one; false when the task is cancelled.
    package func next() async -> Bool {
        for await _ in changes { return !Task.isCancelled }
        return false
    }
}

/// The table of what is mounted, for the one thread that watches it.
private final class MountTable: Sendable {
    static let path = "/proc/self/mountinfo"

    private let table: OwnedDescriptor
    private let end: OwnedDescriptor

    /// - Parameter end: can be read, or is at its end, when nobody waits any more.
    init(endedBy end: consuming OwnedDescriptor) throws(LinuxError) {
        self.end = end
        table = try OwnedDescriptor.open(FilePath(Self.path), O_RDONLY, operation: "watch")
        // What was mounted before is nothing new.
        _ = look(atMost: 0)
    }

    /// - Returns: false when nobody waits any more.
    func waitForChange() -> Bool {
        while true {
            let found = look(atMost: -1)
            if found.end { return false }
            if found.changed { return true }
        }
    }

    /// - Parameter milliseconds: how long it waits for one of both; -1 for ever.
    private func look(atMost milliseconds: CInt) -> (changed: Bool, end: Bool) {
        table.withRaw { table in
            end.withRaw { end in
                var entries = [
                    pollfd(fd: table, events: Int16(POLLPRI), revents: 0),
                    pollfd(fd: end, events: Int16(POLLIN), revents: 0),
                ]
                guard poll(&entries, nfds_t(entries.count), milliseconds) > 0 else { return (false, false) }
                return (entries[0].revents != 0, entries[1].revents != 0)
            }
        }
    }
}
