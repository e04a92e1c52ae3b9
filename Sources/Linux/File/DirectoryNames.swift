// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage

/// What is in a directory, by name.
package enum DirectoryNames {
    /// The names, without `.` and `..`, in no order.
    package static func read(_ path: String) throws(LinuxError) -> [String] {
        guard let directory = opendir(path) else { throw .last("list directory", path) }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = String(cString: Self.name(of: entry))
            if name != "." && name != ".." { names.append(name) }
        }
        return names
    }

    /// Not the whole of `d_name`: the kernel's record ends with the name.
    private static func name(of entry: UnsafeMutablePointer<dirent>) -> UnsafePointer<CChar> {
        let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
        return (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
    }
}
