// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
package import SystemPackage

extension NetworkNamespace {
    /// A new namespace without a name: gone when this object and everything in it is.
    package static func create() throws(LinuxError) -> NetworkNamespace {
        let raw = tasknet_new_network_namespace()
        guard raw >= 0 else { throw .last("create", "network namespace") }
        return try NetworkNamespace(descriptor: OwnedDescriptor(raw), description: "(unnamed)")
    }

    /// A new namespace that stays, under a path where `ip netns` and every container runtime can find it.
    ///
    /// The directory is made if it is missing (not its parents), and made a shared mount point, as `ip netns add` does:
    /// then the namespace is seen in other mount namespaces too, and its removal here does not leave it busy there.
    ///
    /// - Throws: `EEXIST` when there is something at the path. On any error nothing stays behind.
    package static func create(at path: FilePath) throws(LinuxError) -> NetworkNamespace {
        try shareDirectory(of: path)
        do {
            _ = try OwnedDescriptor.open(
                path, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o444, operation: creating)
        } catch  where error.errno == .fileExists {
            throw LinuxError(creating, path.string, .fileExists, reason: "there is something at this path already")
        }
        do throws(LinuxError) {
            let raw = tasknet_new_network_namespace()
            guard raw >= 0 else { throw .last(creating, path.string) }
            let namespace = try NetworkNamespace(descriptor: OwnedDescriptor(raw), description: path.string)
            try Mount.bind(FilePath("/proc/self/fd/\(raw)"), at: path)
            return namespace
        } catch {
            _ = path.withPlatformString { unlink($0) }
            throw error
        }
    }

    /// Takes the name of a namespace away: the namespace goes when nobody is in it any more. Already gone is success.
    ///
    /// - Throws: `EINVAL` when there is anything else at the path, which is left alone.
    package static func remove(at path: FilePath) throws(LinuxError) {
        // One round for each namespace mounted over the other, one for the empty file below them.
        for _ in 0..<maximumStackedMounts {
            let found: OwnedDescriptor
            do {
                found = try .open(path, TASKNET_O_PATH | O_NOFOLLOW, operation: removing)
            } catch  where error.errno == .noSuchFileOrDirectory {
                return
            }
            guard try isNamespaceFile(found, path) else {
                return try removeEmptyFile(found, path)
            }
            do {
                try Mount.unmount(path, lazily: true)
            } catch  where error.errno == .invalidArgument || error.errno == .noSuchFileOrDirectory {
                // Somebody else was quicker: look again.
            }
        }
        throw LinuxError(removing, path.string, .resourceBusy, reason: "it is mounted again and again")
    }
}

extension NetworkNamespace {
    private static let creating = "create network namespace"
    private static let removing = "remove network namespace"
    private static let maximumStackedMounts = 16

    private static func isNamespaceFile(
        _ found: borrowing OwnedDescriptor, _ path: FilePath
    ) throws(LinuxError) -> Bool {
        var type: UInt = 0
        guard found.withRaw({ tasknet_filesystem_type($0, &type) }) == 0 else { throw .last(removing, path.string) }
        return type == UInt(NSFS_MAGIC)
    }

    /// The file that a namespace is bound at is empty. One with something in it is somebody's.
    private static func removeEmptyFile(_ found: borrowing OwnedDescriptor, _ path: FilePath) throws(LinuxError) {
        var status = stat()
        guard found.withRaw({ fstat($0, &status) }) == 0 else { throw .last(removing, path.string) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size == 0 else {
            throw LinuxError(removing, path.string, .invalidArgument, reason: "not a namespace file")
        }
        guard path.withPlatformString({ unlink($0) }) == 0 || Errno.last == .noSuchFileOrDirectory else {
            throw .last(removing, path.string)
        }
    }

    private static func shareDirectory(of path: FilePath) throws(LinuxError) {
        let directory = path.removingLastComponent()
        guard path.isAbsolute, !directory.isEmpty, path.lastComponent != nil else {
            throw LinuxError(creating, path.string, .invalidArgument, reason: "not an absolute path of a file")
        }
        if mkdir(directory.string, 0o755) != 0, Errno.last != .fileExists {
            throw .last("create directory", directory.string)
        }
        if try share(directory) { return }
        // Two processes that both find it unshared would mount it over itself twice.
        let lock = try OwnedDescriptor.open(directory, O_RDONLY | O_DIRECTORY, operation: "lock directory")
        guard lock.withRaw({ raw in retryingOnInterrupt { flock(raw, LOCK_EX) } }) == 0 else {
            throw .last("lock directory", directory.string)
        }
        if try share(directory) { return }
        try Mount.bind(directory, at: directory, recursive: true)
        try Mount.share(directory)
    }

    /// Whether the directory is a mount point, which is shared now.
    private static func share(_ directory: FilePath) throws(LinuxError) -> Bool {
        do {
            try Mount.share(directory)
            return true
        } catch  where error.errno == .invalidArgument {
            return false
        }
    }
}
