// SPDX-License-Identifier: Apache-2.0
import Glibc
package import Linux
package import SystemPackage

/// Directories of the daemon's own.
package enum Directory {
    /// Makes a directory, and those above it (0755), whatever the umask; one that is there already keeps its mode.
    /// - Parameter mode: of the last one.
    package static func make(_ path: FilePath, mode: UInt32) throws(LinuxError) {
        var made = FilePath(root: path.root ?? "/")
        for component in path.components {
            made.append(component)
            let mode = made == path ? mode : 0o755
            guard mkdir(made.string, mode) != 0 else {
                guard fchmodat(AT_FDCWD, made.string, mode, AT_SYMLINK_NOFOLLOW) == 0 else {
                    throw LinuxError.last("set mode of directory", made.string)
                }
                continue
            }
            let error = Errno(rawValue: errno)
            guard error == .fileExists else { throw LinuxError("make directory", made.string, error) }
        }
        var status = stat()
        guard stat(path.string, &status) == 0 else { throw LinuxError.last("look at directory", path.string) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw LinuxError("make directory", path.string, .notDirectory) }
    }
}
