// SPDX-License-Identifier: Apache-2.0
import CLinux

/// The kernel's file systems in a container's root.
struct SystemMounts {
    private let specification: Specification
    private let isHost: Bool

    // Docker's lists.
    private static let maskedProc: [String] = [
        "acpi", "asound", "interrupts", "kcore", "keys", "latency_stats", "sched_debug", "scsi", "timer_list",
        "timer_stats",
    ]
    private static let readOnlyProc: [String] = ["bus", "fs", "irq", "sys", "sysrq-trigger"]
    private static let maskedSys: [String] = ["firmware", "devices/virtual/powercap"]

    init(_ specification: Specification, isHost: Bool) {
        self.specification = specification
        self.isHost = isHost
    }

    func mount() throws(Failure) {
        try mountFileSystem("proc", at: "/proc", attributes: restricted)
        if !isHost {
            let readOnly = specification.isPrivileged ? 0 : Int32(MOUNT_ATTR_RDONLY)
            try mountFileSystem("sysfs", at: "/sys", attributes: restricted | readOnly)
            try mountDevices()
        }
        guard !specification.isPrivileged else { return }
        for name in SystemMounts.readOnlyProc { try makeReadOnly("/proc/", name) }
        for name in SystemMounts.maskedProc { try mask("/proc/", name) }
        // The host's own /sys stays as it is.
        if !isHost { for name in SystemMounts.maskedSys { try mask("/sys/", name) } }
    }

    private func mountFileSystem(
        _ type: String, _ options: [(String, Bytes)] = [], at path: String, attributes: Int32
    ) throws(Failure) {
        let target = Bytes(path).permanent
        defer { target.deallocate() }
        mkdir(target, 0o755)
        var status = stat()
        try check(lstat(target, &status), "mount", Text(target))
        // A link in the image is no place for it.
        guard status.isDirectory else {
            throw Failure("mount", Text(target), reason: "not a directory in the image", number: ENOTDIR)
        }
        try DetachedMount(new: type, options, attributes: attributes).attach(to: target)
    }

    private func mountDevices() throws(Failure) {
        let noExecution = Int32(MOUNT_ATTR_NOSUID) | Int32(MOUNT_ATTR_NOEXEC)
        try mountFileSystem(
            "tmpfs", [("mode", Bytes("755")), ("size", Bytes("65536k"))], at: "/dev",
            attributes: Int32(MOUNT_ATTR_NOSUID))
        let mask = umask(0)
        defer { umask(mask) }
        let devices: [(name: String, major: UInt32, minor: UInt32)] = [
            ("/dev/null", 1, 3), ("/dev/zero", 1, 5), ("/dev/full", 1, 7), ("/dev/random", 1, 8),
            ("/dev/urandom", 1, 9), ("/dev/tty", 5, 0),
        ]
        for device in devices {
            try check(
                mknod(device.name, mode_t(S_IFCHR) | 0o666, gnu_dev_makedev(device.major, device.minor)), "make device",
                Bytes(device.name))
        }
        let links: [(target: String, name: String)] = [
            ("/proc/self/fd", "/dev/fd"), ("/proc/self/fd/0", "/dev/stdin"), ("/proc/self/fd/1", "/dev/stdout"),
            ("/proc/self/fd/2", "/dev/stderr"), ("pts/ptmx", "/dev/ptmx"),
        ]
        for link in links { try check(symlink(link.target, link.name), "make link", Bytes(link.name)) }
        umask(0o022)
        // Group 5 is tty everywhere.
        try mountFileSystem(
            "devpts", [("ptmxmode", Bytes("0666")), ("mode", Bytes("0620")), ("gid", Bytes("5"))],
            at: "/dev/pts", attributes: noExecution)
        var size = Bytes()
        size.append(decimal: specification.sharedMemorySize)
        try mountFileSystem(
            "tmpfs", [("mode", Bytes("1777")), ("size", size)], at: "/dev/shm", attributes: restricted)
        do throws(Failure) {
            try mountFileSystem("mqueue", at: "/dev/mqueue", attributes: restricted)
        } catch  where error.number == ENODEV {
            // A kernel without POSIX message queues.
            rmdir("/dev/mqueue")
        }
    }

    private func makeReadOnly(_ directory: String, _ name: String) throws(Failure) {
        var path = Bytes(directory)
        path.append(name)
        try path.withCText { (path) throws(Failure) in
            guard access(path, F_OK) == 0 else { return }
            // Bits of the mount that it copies (nosuid, nodev, noexec) are kept.
            try DetachedMount(cloning: path, isRecursive: true, isReadOnly: true).attach(to: path)
        }
    }

    /// Puts nothing where the kernel has something to hide.
    private func mask(_ directory: String, _ name: String) throws(Failure) {
        var path = Bytes(directory)
        path.append(name)
        try path.withCText { (path) throws(Failure) in
            var status = stat()
            guard lstat(path, &status) == 0 else { return }
            if status.isDirectory {
                try DetachedMount(
                    new: "tmpfs", [("size", Bytes("0"))], attributes: Int32(MOUNT_ATTR_RDONLY) | restricted
                )
                .attach(to: path)
            } else {
                try DetachedMount(cloning: "/dev/null").attach(to: path)
            }
        }
    }
}
