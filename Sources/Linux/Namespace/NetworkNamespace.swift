// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
package import SystemPackage

/// A network namespace, held open: it lives at least as long as this object.
package final class NetworkNamespace: Sendable, CustomStringConvertible {
    /// What makes two descriptors the same namespace.
    package struct Identity: Hashable, Sendable {
        package let device: UInt64
        package let inode: UInt64
    }

    package let identity: Identity
    /// Where it was found, for messages.
    package let description: String
    private let descriptor: OwnedDescriptor

    /// The namespace that the calling thread is in.
    package static func current() throws(LinuxError) -> NetworkNamespace {
        try NetworkNamespace(anyPath: ownPath)
    }

    /// The namespace bound at a path, or any other name for one (`/proc/<pid>/ns/net`, also by a symbolic link).
    ///
    /// A path that leads to anything else is refused before it is opened, so that no device or pipe is touched.
    package convenience init(path: FilePath) throws(LinuxError) {
        try self.init(anyPath: path.string)
    }

    private convenience init(anyPath path: String) throws(LinuxError) {
        let found = try OwnedDescriptor.open(path, TASKNET_O_PATH, operation: Self.opening)
        guard try Self.isNamespaceFile(found, Self.opening, path) else {
            throw LinuxError(Self.opening, path, .invalidArgument, reason: "not a namespace file")
        }
        let descriptor = try found.withRaw { raw throws(LinuxError) in
            try OwnedDescriptor.open("/proc/self/fd/\(raw)", O_RDONLY, operation: Self.opening)
        }
        try self.init(descriptor: descriptor, description: path)
    }

    /// The namespace of a process.
    package convenience init(pid: CInt) throws(LinuxError) {
        try self.init(anyPath: "/proc/\(pid)/ns/net")
    }

    /// Takes over a descriptor of a network namespace.
    package init(descriptor: consuming OwnedDescriptor, description: String) throws(LinuxError) {
        let type = descriptor.withRaw { tasknet_namespace_type($0) }
        guard type >= 0 else {
            throw LinuxError(Self.opening, description, Errno.last, reason: "not a namespace file")
        }
        guard type == CLONE_NEWNET else {
            let kind = Self.kinds[type] ?? "some other"
            throw LinuxError(
                Self.opening, description, .invalidArgument,
                reason: "this is a \(kind) namespace, not a network namespace")
        }
        identity = try Self.identity(of: descriptor, description)
        self.description = description
        self.descriptor = descriptor
    }

    /// The descriptor's number, for as long as the body runs: for setns(2) and `IFLA_NET_NS_FD`.
    package func withRawDescriptor<Result, Failure: Error>(
        _ body: (CInt) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        try descriptor.withRaw(body)
    }
}

extension NetworkNamespace {
    static let opening = "open network namespace"
    static let ownPath = "/proc/thread-self/ns/net"

    private static let kinds: [CInt: String] = [
        CInt(CLONE_NEWNS): "mount", CInt(CLONE_NEWIPC): "ipc", CInt(CLONE_NEWUTS): "uts", CInt(CLONE_NEWPID): "pid",
        CInt(CLONE_NEWUSER): "user", CInt(CLONE_NEWCGROUP): "cgroup", CInt(CLONE_NEWTIME): "time",
    ]

    /// Whether what was found is on the kernel's namespace file system.
    static func isNamespaceFile(
        _ found: borrowing OwnedDescriptor, _ operation: String, _ path: String
    ) throws(LinuxError) -> Bool {
        var type: UInt = 0
        guard found.withRaw({ tasknet_filesystem_type($0, &type) }) == 0 else { throw .last(operation, path) }
        return type == UInt(NSFS_MAGIC)
    }

    private static func identity(
        of descriptor: borrowing OwnedDescriptor, _ description: String
    ) throws(LinuxError) -> Identity {
        var status = stat()
        let result = descriptor.withRaw { fstat($0, &status) }
        guard result == 0 else { throw .last(opening, description) }
        return Identity(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}

extension NetworkNamespace: Hashable {
    package static func == (left: NetworkNamespace, right: NetworkNamespace) -> Bool {
        left.identity == right.identity
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(identity)
    }
}
