// SPDX-License-Identifier: Apache-2.0
import Glibc
import SystemPackage

extension OwnedDescriptor {
    /// Reads up to `capacity` bytes; empty at the end of the file.
    package func read(upTo capacity: Int, of object: String) throws(LinuxError) -> [UInt8] {
        var failure: LinuxError?
        let bytes = withRaw { raw in
            [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
                let got = retryingOnInterrupt { Glibc.read(raw, buffer.baseAddress, capacity) }
                if got < 0 { failure = .last("read", object) }
                count = max(0, got)
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Reads to the end of the file.
    ///
    /// - Parameter limit: in bytes; more is an error (`EFBIG`), because these files are small.
    package func readToEnd(of object: String, limit: Int = 1 << 20) throws(LinuxError) -> [UInt8] {
        var all: [UInt8] = []
        while true {
            let piece = try read(upTo: 4096, of: object)
            if piece.isEmpty { return all }
            all += piece
            guard all.count <= limit else { throw LinuxError("read", object, .fileTooLarge) }
        }
    }

    /// Writes all of it.
    package func writeAll(_ bytes: [UInt8], to object: String) throws(LinuxError) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let written = withRaw { raw in
                rest.withUnsafeBytes { buffer in
                    retryingOnInterrupt { Glibc.write(raw, buffer.baseAddress, buffer.count) }
                }
            }
            guard written >= 0 else { throw .last("write", object) }
            rest = rest.dropFirst(written)
        }
    }
}
