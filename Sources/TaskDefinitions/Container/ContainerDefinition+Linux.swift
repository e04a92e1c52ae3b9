// SPDX-License-Identifier: Apache-2.0
import VPC

extension ContainerDefinition {
    func validate(_ parameters: LinuxParameters) throws(ValidationFailure) {
        for capability in (parameters.capabilities?.add ?? []) + (parameters.capabilities?.drop ?? [])
        where !LinuxParameters.Capabilities.names.contains(capability) {
            throw invalid(
                """
                There is no capability \(capability.shortened.debugDescription); they are written like NET_ADMIN, \
                in upper case without CAP_, or ALL.
                """)
        }
        for device in parameters.devices ?? [] {
            for path in [device.hostPath, device.containerPath ?? "/"] where !Text.isContainerPath(path) {
                throw invalid(
                    "The path \(path.shortened.debugDescription) of a device has to be absolute, without '..'.")
            }
        }
        for tmpfs in parameters.tmpfs ?? [] {
            if !Text.isMountTarget(tmpfs.containerPath) {
                throw invalid(
                    """
                    The containerPath \(tmpfs.containerPath.shortened.debugDescription) of a tmpfs has to be an absolute \
                    path without '..'.
                    """)
            }
            if !(1...Int(Int32.max)).contains(tmpfs.size) {
                throw invalid(
                    "The size of the tmpfs \(tmpfs.containerPath.shortened) is \(tmpfs.size) MiB and has to be at least 1."
                )
            }
        }
        for (member, value, range) in [
            ("sharedMemorySize", parameters.sharedMemorySize, 0...Int(Int32.max)),
            ("maxSwap", parameters.maxSwap, 0...Int(Int32.max)), ("swappiness", parameters.swappiness, 0...100),
        ] {
            guard let value, !range.contains(value) else { continue }
            throw invalid("'\(member)' is \(value) and has to be \(range.lowerBound) to \(range.upperBound).")
        }
    }
}

extension LinuxParameters.Capabilities {
    /// The kernel's capabilities in the order of their numbers, without `CAP_` (capabilities(7)).
    package static let inOrder = [
        "CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "FSETID", "KILL", "SETGID", "SETUID", "SETPCAP",
        "LINUX_IMMUTABLE", "NET_BIND_SERVICE", "NET_BROADCAST", "NET_ADMIN", "NET_RAW", "IPC_LOCK", "IPC_OWNER",
        "SYS_MODULE", "SYS_RAWIO", "SYS_CHROOT", "SYS_PTRACE", "SYS_PACCT", "SYS_ADMIN", "SYS_BOOT", "SYS_NICE",
        "SYS_RESOURCE", "SYS_TIME", "SYS_TTY_CONFIG", "MKNOD", "LEASE", "AUDIT_WRITE", "AUDIT_CONTROL", "SETFCAP",
        "MAC_OVERRIDE", "MAC_ADMIN", "SYSLOG", "WAKE_ALARM", "BLOCK_SUSPEND", "AUDIT_READ", "PERFMON", "BPF",
        "CHECKPOINT_RESTORE",
    ]

    static let names = Set(inOrder + ["ALL"])
}
