// SPDX-License-Identifier: Apache-2.0
import Glibc
package import SystemPackage

package enum SymbolicLink {
    /// Where a link leads, as it is written (readlink(2)).
    package static func target(of path: FilePath) throws(LinuxError) -> FilePath {
        let bytes = [CChar](unsafeUninitializedCapacity: Int(PATH_MAX)) { buffer, count in
            guard let base = buffer.baseAddress else { return }
            count = max(0, readlink(path.string, base, buffer.count - 1))
            base[count] = 0
            count += 1
        }
        guard bytes.count > 1 else { throw LinuxError("read link", path.string, .last) }
        return FilePath(platformString: bytes)
    }

    /// The program that runs here.
    package static func ownProgram() throws(LinuxError) -> FilePath { try target(of: "/proc/self/exe") }
}
