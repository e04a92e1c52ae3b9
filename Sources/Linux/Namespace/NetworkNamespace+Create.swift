// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
package import SystemPackage

extension NetworkNamespace {
    /// A new namespace without a name: gone when this object and everything in it is.
    package static func create() throws(LinuxError) -> NetworkNamespace {
        try NetworkNamespace(descriptor: unshare("create", "network namespace"), description: "(unnamed)")
    }

    /// A new namespace that stays, under a path where `ip netns` and every container runtime can find it.
    ///
    /// The directory is made if it is missing (not its parents), and made a shared mount point, as `ip netns add` does:
    /// then the namespace is seen in other mount namespaces too, and its removal here does not leave it busy there.
    ///
    /// - Parameter ready: one that is there and has no name, to be taken in the place of a new one. Asked when the path is
    ///   known to be free.
    /// - Throws: `EEXIST` when there is something at the path. On any error nothing stays behind.
    package static func create(
        at path: FilePath, taking ready: () -> NetworkNamespace? = { nil }
    ) throws(LinuxError) -> NetworkNamespace {
        let path = path.string
        let directory = try makeDirectory(of: path)
        // Before anything is mounted: who names a path that is taken changes nothing at all.
        do throws(LinuxError) {
            _ = try OwnedDescriptor.open(
                path, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o444, operation: creating)
        } catch {
            guard error.errno == .fileExists else { throw error }
            throw LinuxError(creating, path, .fileExists, reason: "there is something at this path already")
        }
        do throws(LinuxError) {
            try makeShared(directory)
            let namespace =
                if let ready = ready() {
                    ready
                } else {
                    try NetworkNamespace(descriptor: unshare(creating, path), description: path)
                }
            try namespace.withRawDescriptor { raw throws(LinuxError) in
                try Mount.bind("/proc/self/fd/\(raw)", at: path)
            }
            return namespace
        } catch {
            unlink(path)
            throw error
        }
    }

    /// Takes the name of a namespace away: the namespace goes when nobody is in it any more. Already gone is success.
    ///
    /// An empty file at the path is one that a namespace was bound at, and goes too.
    ///
    /// - Throws: `EINVAL` when there is anything at the path that is neither that nor a namespace; it is left alone.
    package static func remove(at path: FilePath) throws(LinuxError) {
        let path = path.string
        // One round for each namespace mounted over the other, one for the empty file below them.
        for _ in 0..<maximumStackedMounts {
            guard let found = try openIfThere(path) else { return }
            guard try isNamespaceFile(found, removing, path) else { return try removeEmptyFile(found, path) }
            do throws(LinuxError) {
                try Mount.unmount(path, lazily: true)
            } catch {
                // Somebody else was quicker: look again.
                guard error.errno == .invalidArgument || error.errno == .noSuchFileOrDirectory else { throw error }
            }
        }
        throw LinuxError(removing, path, .resourceBusy, reason: "it is mounted again and again")
    }
}

extension NetworkNamespace {
    private static let creating = "create network namespace"
    private static let removing = "remove network namespace"
    private static let maximumStackedMounts = 16

    private static func openIfThere(_ path: String) throws(LinuxError) -> OwnedDescriptor? {
        do throws(LinuxError) {
            return try OwnedDescriptor.open(path, TASKNET_O_PATH | O_NOFOLLOW, operation: removing)
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return nil
        }
    }

    /// The file that a namespace is bound at is empty. One with something in it is somebody's.
    private static func removeEmptyFile(_ found: borrowing OwnedDescriptor, _ path: String) throws(LinuxError) {
        try requireEmptyFile(found, removing, path)
        guard unlink(path) == 0 || Errno.last == .noSuchFileOrDirectory else { throw .last(removing, path) }
    }

    static func requireEmptyFile(
        _ found: borrowing OwnedDescriptor, _ operation: String, _ path: String
    ) throws(LinuxError) {
        var status = stat()
        guard found.withRaw({ fstat($0, &status) }) == 0 else { throw .last(operation, path) }
        guard status.st_mode & S_IFMT == S_IFREG, status.st_size == 0 else {
            throw LinuxError(operation, path, .invalidArgument, reason: "not a namespace file")
        }
    }

    static func makeDirectory(of path: String) throws(LinuxError) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")), slash > path.startIndex, path.hasPrefix("/"),
            path.utf8.index(after: slash) < path.endIndex
        else {
            throw LinuxError(creating, path, .invalidArgument, reason: "not an absolute path of a file in a directory")
        }
        let directory = String(path[..<slash])
        if mkdir(directory, 0o755) != 0, Errno.last != .fileExists { throw .last("create directory", directory) }
        return directory
    }

    static func makeShared(_ directory: String) throws(LinuxError) {
        if try share(directory) { return }
        // Two processes that both find it unshared would mount it over itself twice.
        let lock = try OwnedDescriptor.open(directory, O_RDONLY | O_DIRECTORY, operation: "lock directory")
        guard lock.withRaw({ raw in retryingOnInterrupt { flock(raw, LOCK_EX) } }) == 0 else {
            throw .last("lock directory", directory)
        }
        if try share(directory) { return }
        try Mount.bind(directory, at: directory, recursive: true)
        try Mount.share(directory)
    }

    /// Whether the directory is a mount point, which is shared now.
    private static func share(_ directory: String) throws(LinuxError) -> Bool {
        do throws(LinuxError) {
            try Mount.share(directory)
            return true
        } catch {
            guard error.errno == .invalidArgument else { throw error }
            return false
        }
    }
}
