// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import SystemPackage

/// Which start of the host a database is of. It is kept beside it, in `<path>-boot`.
///
/// What is given out is for network namespaces, which end with the host. So nobody waits for the disk: a plugin that is
/// killed has lost nothing that it wrote, and what a power failure has left of the file is of an earlier start. It is put
/// aside, as `<path>-earlier`.
enum LeaseDatabaseBoot {
    /// Puts aside what is of an earlier start, once in each.
    ///
    /// - Parameter recording: whether it may be the first time. What is at the path can be told to be ours then.
    static func begin(_ path: String, recording: Bool = true) throws {
        let current = try BootID.current()
        guard let record = try open(path, creating: recording) else { return }
        if try read(record, path) == current { return }
        try lock(record, path)
        let known = try read(record, path)
        if known == current { return }
        // Without a record it is of a version that waited for the disk.
        if !known.isEmpty {
            // The journal first: beside another database it would be taken for that one's.
            for end in ["-journal", ""] {
                unlink(path + "-earlier" + end)
                guard rename(path + end, path + "-earlier" + end) == 0 || errno == ENOENT else {
                    throw LinuxError.last("put aside", path + end)
                }
            }
        }
        try write(current, to: record, path)
    }

    private static func open(_ path: String, creating: Bool) throws(LinuxError) -> OwnedDescriptor? {
        let flags = O_RDWR | O_NOFOLLOW | O_NONBLOCK | (creating ? O_CREAT : 0)
        do throws(LinuxError) {
            return try OwnedDescriptor.open(FilePath(path + "-boot"), flags, mode: 0o600, operation: operation)
        } catch {
            guard error.errno == .noSuchFileOrDirectory, !creating else { throw error }
            return nil
        }
    }

    /// On the disk before anything is in the database that is not.
    private static func write(_ current: String, to record: borrowing OwnedDescriptor, _ path: String) throws {
        let bytes = Array(current.utf8)
        let isWritten = record.withRaw {
            ftruncate($0, 0) == 0 && pwrite($0, bytes, bytes.count, 0) == bytes.count && fsync($0) == 0
        }
        guard isWritten else { throw LinuxError.last("write", path + "-boot") }
        let directory = FilePath(path).removingLastComponent()
        let parent = try OwnedDescriptor.open(
            directory.isEmpty ? "." : directory, O_RDONLY | O_DIRECTORY, operation: operation)
        guard parent.withRaw({ fsync($0) }) == 0 else { throw LinuxError.last("sync", directory.string) }
    }

    private static func read(_ record: borrowing OwnedDescriptor, _ path: String) throws -> String {
        var bytes = [UInt8](repeating: 0, count: 64)
        let count = record.withRaw { pread($0, &bytes, bytes.count, 0) }
        guard count >= 0 else { throw LinuxError.last("read", path + "-boot") }
        return String(decoding: bytes.prefix(count), as: UTF8.self)
    }

    private static func lock(_ record: borrowing OwnedDescriptor, _ path: String) throws {
        while record.withRaw({ flock($0, LOCK_EX) }) != 0 {
            guard errno == EINTR else { throw LinuxError.last("lock", path + "-boot") }
        }
    }

    private static let operation = "open record of the boot"
}
