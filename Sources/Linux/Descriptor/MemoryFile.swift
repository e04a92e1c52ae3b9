// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc

extension OwnedDescriptor {
    /// A file in memory that has these bytes, at its beginning: input for a program, without anybody who would have to
    /// write to it while it runs. The corresponding C function is `memfd_create`.
    package static func inMemory(_ bytes: [UInt8], named name: String) throws(LinuxError) -> OwnedDescriptor {
        let raw = tasknet_sealed_memory(name, bytes, bytes.count)
        guard raw >= 0 else { throw .last("keep in memory", name) }
        let file = OwnedDescriptor(raw)
        guard file.withRaw({ lseek($0, 0, SEEK_SET) }) == 0 else { throw .last("rewind", name) }
        return file
    }
}
