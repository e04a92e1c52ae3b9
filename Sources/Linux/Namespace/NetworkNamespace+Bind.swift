// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
package import SystemPackage

extension NetworkNamespace {
    private static let binding = "bind network namespace at"

    /// Gives this namespace a name: where there is none, or over the empty file that a namespace was bound at. One that has
    /// it already keeps it.
    ///
    /// - Throws: `EEXIST` when another namespace has the name; `EINVAL` when there is anything else at the path. Both are left
    ///   alone.
    package func bind(at path: FilePath) throws(LinuxError) {
        let path = path.string
        try Self.makeShared(try Self.makeDirectory(of: path))
        let isNew = try Self.makeFile(path)
        do throws(LinuxError) {
            try bind(over: path)
        } catch {
            if isNew { unlink(path) }
            throw error
        }
    }

    private func bind(over path: String) throws(LinuxError) {
        let found = try OwnedDescriptor.open(path, TASKNET_O_PATH | O_NOFOLLOW, operation: Self.binding)
        if try !Self.isNamespaceFile(found, Self.binding, path) {
            try Self.requireEmptyFile(found, Self.binding, path)
            // Over what was looked at, whatever is at the path by now.
            try withRawDescriptor { raw throws(LinuxError) in
                try found.withRaw { target throws(LinuxError) in
                    try Mount.bind("/proc/self/fd/\(raw)", at: "/proc/self/fd/\(target)")
                }
            }
        }
        guard try NetworkNamespace(path: FilePath(path)) == self else {
            throw LinuxError(Self.binding, path, .fileExists, reason: "another namespace has this name")
        }
    }

    /// Whether there was none.
    private static func makeFile(_ path: String) throws(LinuxError) -> Bool {
        do throws(LinuxError) {
            _ = try OwnedDescriptor.open(
                path, O_RDONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o444, operation: binding)
            return true
        } catch {
            guard error.errno == .fileExists else { throw error }
            return false
        }
    }
}
