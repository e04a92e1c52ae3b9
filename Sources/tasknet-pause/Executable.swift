// SPDX-License-Identifier: Apache-2.0
import CLinux

/// The file that this process runs from.
enum Executable {
    private static let path = "/proc/self/exe"

    /// A container's command may be /proc/self/exe, which is this program, on the host: it must not be writable through
    /// that link. So this process runs from a read-only mount of its own file that hangs nowhere, and nobody can change
    /// that mount.
    static func protect() throws(Failure) {
        var status = statvfs()
        try check(statvfs(path, &status), "statvfs", Bytes(path))
        guard status.f_flag & UInt(ST_RDONLY) == 0 else { return }
        let file = try Bytes(path).withCText { (path) throws(Failure) -> DetachedMount in
            // The link is to be followed, and then the file to be copied as a mount.
            try DetachedMount(cloning: path, isReadOnly: true)
        }
        // Without the daemon's environment, which no container has to know.
        tasknet_execute(file.descriptor.raw, tasknet_argument_values())
        throw Failure("execute", Bytes(path))
    }
}
