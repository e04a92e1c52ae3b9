// SPDX-License-Identifier: Apache-2.0
import CLinux
package import SystemPackage

/// A container to start.
package struct ContainerLaunch: Hashable, Sendable {
    package enum Root: Hashable, Sendable {
        /// The host's own root file system, as it is.
        case host
        /// A directory, which is not changed: what the container writes goes to `layer`, or to memory where there is none
        /// or its file system cannot be one.
        case directory(FilePath, layer: Layer? = nil)
    }

    /// Two directories on the same file system, which exist and nobody else uses.
    package struct Layer: Hashable, Sendable {
        /// Holds what the container changed.
        package var upper: FilePath
        /// The kernel's own, empty.
        package var work: FilePath

        package init(upper: FilePath, work: FilePath) {
            self.upper = upper
            self.work = work
        }
    }

    package struct Mount: Hashable, Sendable {
        package enum Source: Hashable, Sendable {
            /// A directory or a file of the host, with what is mounted below it.
            case bind(FilePath, isReadOnly: Bool = false)
            /// Memory, at most this many bytes.
            case tmpfs(size: UInt64)
        }

        package var source: Source
        /// Absolute, in the container. Made where it is missing from an image.
        package var target: String

        package init(_ source: Source, at target: String) {
            self.source = source
            self.target = target
        }
    }

    package var command: CommandLaunch
    package var root: Root
    /// Mounts can still be written to.
    package var hasReadOnlyRoot: Bool
    /// The task's files, shown in /etc of the container.
    package var hosts: FilePath?
    package var resolvConf: FilePath?
    package var hostname: FilePath?
    package var mounts: [Mount]
    /// Bytes of /dev/shm. Nil: 64 MiB.
    package var sharedMemorySize: UInt64?

    package init(
        _ command: CommandLaunch, root: Root, hasReadOnlyRoot: Bool = false, hosts: FilePath? = nil,
        resolvConf: FilePath? = nil, hostname: FilePath? = nil, mounts: [Mount] = [], sharedMemorySize: UInt64? = nil
    ) {
        self.command = command
        self.root = root
        self.hasReadOnlyRoot = hasReadOnlyRoot
        self.hosts = hosts
        self.resolvConf = resolvConf
        self.hostname = hostname
        self.mounts = mounts
        self.sharedMemorySize = sharedMemorySize
    }

    func write(to specification: inout MessageWriter) throws(PauseError) {
        try command.write(to: &specification)
        switch root {
        case .host: try specification.add(TASKNET_PAUSE_KEY_ROOT, "/")
        case .directory(let path, let layer):
            try specification.add(TASKNET_PAUSE_KEY_ROOT, path.string)
            if let layer {
                try specification.add(TASKNET_PAUSE_KEY_UPPER, layer.upper.string)
                try specification.add(TASKNET_PAUSE_KEY_WORK, layer.work.string)
            }
        }
        if hasReadOnlyRoot { try specification.add(TASKNET_PAUSE_KEY_READ_ONLY, "1") }
        if let hosts { try specification.add(TASKNET_PAUSE_KEY_HOSTS, hosts.string) }
        if let resolvConf { try specification.add(TASKNET_PAUSE_KEY_RESOLV_CONF, resolvConf.string) }
        if let hostname { try specification.add(TASKNET_PAUSE_KEY_HOSTNAME, hostname.string) }
        for mount in mounts {
            switch mount.source {
            case .bind(let path, false): try specification.add(TASKNET_PAUSE_KEY_BIND, path.string)
            case .bind(let path, true): try specification.add(TASKNET_PAUSE_KEY_BIND_READ_ONLY, path.string)
            case .tmpfs(let size): try specification.add(TASKNET_PAUSE_KEY_TMPFS, String(size))
            }
            try specification.add(TASKNET_PAUSE_KEY_AT, mount.target)
        }
        if let sharedMemorySize { try specification.add(TASKNET_PAUSE_KEY_SHM_SIZE, String(sharedMemorySize)) }
    }
}
