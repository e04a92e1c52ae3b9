// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
package import SystemPackage

/// What the kernel does not keep for a socket: nobody is woken for it (socket(7), `SO_ATTACH_FILTER`).
package enum SocketFilter {
    /// Drops the datagrams that have `value` at `offset`, in the host's byte order as netlink's headers are.
    ///
    /// - Parameter value: of one, two or four bytes.
    /// - Throws: why the kernel refused it.
    package static func drop<Word: FixedWidthInteger & UnsignedInteger>(
        _ value: Word, at offset: Int, on descriptor: CInt
    ) throws(Errno) {
        let size =
            switch MemoryLayout<Word>.size {
            case 1: BPF_B
            case 2: BPF_H
            default: BPF_W
            }
        var program = [
            sock_filter(code: UInt16(BPF_LD | size | BPF_ABS), jt: 0, jf: 0, k: UInt32(offset)),
            // Words are loaded as if they were in network order.
            sock_filter(code: UInt16(BPF_JMP | BPF_JEQ | BPF_K), jt: 0, jf: 1, k: UInt32(Word(bigEndian: value))),
            sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: 0),
            sock_filter(code: UInt16(BPF_RET | BPF_K), jt: 0, jf: 0, k: .max),
        ]
        let status = program.withUnsafeMutableBufferPointer { steps in
            var program = sock_fprog(len: UInt16(steps.count), filter: steps.baseAddress)
            return setsockopt(
                descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, socklen_t(MemoryLayout<sock_fprog>.size))
        }
        guard status == 0 else { throw .last }
    }
}
