// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
package import SystemPackage

/// The package's own programs, as built beside the running test.
package enum BuiltProduct {
    /// - Throws: `ENOENT` with what to do when the program has not been built.
    package static func path(_ name: String) throws -> FilePath {
        let executable = try FilePath("/proc/self/exe").readingSymbolicLink()
        let path = executable.removingLastComponent().appending(name)
        guard access(path.string, X_OK) == 0 else {
            throw LinuxError(
                "find built program", path.string, .noSuchFileOrDirectory,
                reason: "not there: swift build --product \(name)")
        }
        return path
    }
}

extension FilePath {
    fileprivate func readingSymbolicLink() throws(LinuxError) -> FilePath {
        var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
        let count = readlink(string, &buffer, buffer.count - 1)
        guard count >= 0 else { throw .last("read link", string) }
        return FilePath(platformString: Array(buffer[...count]))
    }
}
