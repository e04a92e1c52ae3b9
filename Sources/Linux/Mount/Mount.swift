// SPDX-License-Identifier: Apache-2.0
import Glibc
package import SystemPackage

/// Changes to the mount namespace of the process.
package enum Mount {
    /// Shows what is at `source` at `target` as well. The corresponding C constant is `MS_BIND`.
    ///
    /// - Parameter recursive: with all that is mounted below (`MS_REC`).
    package static func bind(_ source: FilePath, at target: FilePath, recursive: Bool = false) throws(LinuxError) {
        try bind(source.string, at: target.string, recursive: recursive)
    }

    static func bind(_ source: String, at target: String, recursive: Bool = false) throws(LinuxError) {
        try mount(source, target, MS_BIND | (recursive ? MS_REC : 0), "bind mount \(source) at")
    }

    /// Lets mounts below a mount point be seen in the mount namespaces that have a copy of it, and theirs here. The
    /// corresponding C constant is `MS_SHARED`. `EINVAL`: not a mount point.
    package static func share(_ target: FilePath) throws(LinuxError) {
        try share(target.string)
    }

    static func share(_ target: String) throws(LinuxError) {
        try mount("none", target, MS_SHARED, "share the mount point")
    }

    /// Unmounts what is on top at a path. Symbolic links are not followed.
    ///
    /// - Parameter lazily: at once even when in use; the kernel lets go of it when the last user does (`MNT_DETACH`).
    package static func unmount(_ target: FilePath, lazily: Bool = false) throws(LinuxError) {
        try unmount(target.string, lazily: lazily)
    }

    static func unmount(_ target: String, lazily: Bool) throws(LinuxError) {
        let flags = CInt(UMOUNT_NOFOLLOW) | (lazily ? CInt(MNT_DETACH) : 0)
        guard umount2(target, flags) == 0 else { throw .last("unmount", target) }
    }

    private static func mount(
        _ source: String, _ target: String, _ flags: Int, _ operation: String
    ) throws(LinuxError) {
        guard Glibc.mount(source, target, "none", UInt(flags), nil) == 0 else { throw .last(operation, target) }
    }
}
