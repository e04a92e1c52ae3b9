// SPDX-License-Identifier: Apache-2.0
import CLinux
import SystemPackage

/// Linux capabilities. The corresponding C constants are the `CAP_...` of linux/capability.h.
package struct CapabilitySet: OptionSet, Hashable, Sendable {
    package let rawValue: UInt64

    package init(rawValue: UInt64) {
        self.rawValue = rawValue
    }

    package static let all = CapabilitySet(rawValue: .max)

    /// What Docker gives a container that asks for nothing else, but for `CAP_MKNOD`: there is no device cgroup here, so a
    /// node of the host's disk that a container makes would open.
    package static let standard = CapabilitySet(
        bits: [
            CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FSETID, CAP_FOWNER, CAP_NET_RAW, CAP_SETGID, CAP_SETUID, CAP_SETFCAP,
            CAP_SETPCAP, CAP_NET_BIND_SERVICE, CAP_SYS_CHROOT, CAP_KILL, CAP_AUDIT_WRITE,
        ])

    /// A single one by name, as task definitions write it (`NET_ADMIN`) or as C does, or `ALL`. Nil: there is none.
    package init?(named name: String) {
        let upper = name.uppercased()
        if upper == "ALL" {
            self = .all
            return
        }
        guard let bit = Self.bits[upper.hasPrefix("CAP_") ? String(upper.dropFirst(4)) : upper] else { return nil }
        self.init(bits: [bit])
    }

    /// The standard set with `linuxParameters.capabilities` of a task definition. `ALL` in `dropping` leaves what is added,
    /// `ALL` in `adding` what is not dropped.
    ///
    /// - Throws: `EINVAL` for a name that is no capability.
    package init(adding: [String], dropping: [String]) throws(PauseError) {
        let added = try Self.union(adding)
        let dropped = try Self.union(dropping)
        if dropped == .all {
            self = added
        } else {
            self = Self.standard.union(added).subtracting(dropped)
        }
    }

    private static func union(_ names: [String]) throws(PauseError) -> CapabilitySet {
        var set: CapabilitySet = []
        for name in names {
            guard let capability = CapabilitySet(named: name) else {
                throw PauseError("capability \"\(name)\": there is none of that name", .invalidArgument)
            }
            set.formUnion(capability)
        }
        return set
    }

    private init(bits: [CInt]) {
        self.init(rawValue: bits.reduce(0) { $0 | 1 << UInt64($1) })
    }

    private static let bits: [String: CInt] = [
        "AUDIT_CONTROL": CAP_AUDIT_CONTROL, "AUDIT_READ": CAP_AUDIT_READ, "AUDIT_WRITE": CAP_AUDIT_WRITE,
        "BLOCK_SUSPEND": CAP_BLOCK_SUSPEND, "BPF": CAP_BPF, "CHECKPOINT_RESTORE": CAP_CHECKPOINT_RESTORE,
        "CHOWN": CAP_CHOWN, "DAC_OVERRIDE": CAP_DAC_OVERRIDE, "DAC_READ_SEARCH": CAP_DAC_READ_SEARCH,
        "FOWNER": CAP_FOWNER, "FSETID": CAP_FSETID, "IPC_LOCK": CAP_IPC_LOCK, "IPC_OWNER": CAP_IPC_OWNER,
        "KILL": CAP_KILL, "LEASE": CAP_LEASE, "LINUX_IMMUTABLE": CAP_LINUX_IMMUTABLE, "MAC_ADMIN": CAP_MAC_ADMIN,
        "MAC_OVERRIDE": CAP_MAC_OVERRIDE, "MKNOD": CAP_MKNOD, "NET_ADMIN": CAP_NET_ADMIN,
        "NET_BIND_SERVICE": CAP_NET_BIND_SERVICE, "NET_BROADCAST": CAP_NET_BROADCAST, "NET_RAW": CAP_NET_RAW,
        "PERFMON": CAP_PERFMON, "SETFCAP": CAP_SETFCAP, "SETGID": CAP_SETGID, "SETPCAP": CAP_SETPCAP,
        "SETUID": CAP_SETUID, "SYS_ADMIN": CAP_SYS_ADMIN, "SYS_BOOT": CAP_SYS_BOOT, "SYS_CHROOT": CAP_SYS_CHROOT,
        "SYS_MODULE": CAP_SYS_MODULE, "SYS_NICE": CAP_SYS_NICE, "SYS_PACCT": CAP_SYS_PACCT,
        "SYS_PTRACE": CAP_SYS_PTRACE, "SYS_RAWIO": CAP_SYS_RAWIO, "SYS_RESOURCE": CAP_SYS_RESOURCE,
        "SYS_TIME": CAP_SYS_TIME, "SYS_TTY_CONFIG": CAP_SYS_TTY_CONFIG, "SYSLOG": CAP_SYSLOG,
        "WAKE_ALARM": CAP_WAKE_ALARM,
    ]
}
