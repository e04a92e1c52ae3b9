// SPDX-License-Identifier: Apache-2.0
import CLinux

/// A file descriptor that is closed when its owner goes. All are close-on-exec.
struct Descriptor: ~Copyable {
    let raw: Int32

    /// Owns what a system call returned, or fails with its errno.
    init(_ result: Int32, _ stage: String, _ object: @autoclosure () -> Bytes = []) throws(Failure) {
        raw = try check(result, stage, object())
    }

    init(owning raw: Int32) {
        self.raw = raw
    }

    deinit { close(raw) }

    static func open(
        _ path: CText, _ flags: Int32, mode: mode_t = 0, at directory: Int32 = AT_FDCWD, _ stage: String
    ) throws(Failure) -> Descriptor {
        try Descriptor(tasknet_openat(directory, path, flags, mode), stage, Text(path).bytes)
    }
}

/// Both ends of a pipe. The reading end does not block.
struct Pipe: ~Copyable {
    let reading: Descriptor
    let writing: Descriptor

    init() throws(Failure) {
        var ends: (Int32, Int32) = (-1, -1)
        let result = withUnsafeMutableBytes(of: &ends) { pipe2($0.bindMemory(to: Int32.self).baseAddress, O_CLOEXEC) }
        try check(result, "pipe")
        reading = Descriptor(owning: ends.0)
        writing = Descriptor(owning: ends.1)
        tasknet_set_nonblocking(reading.raw)
    }
}

/// Both ends of a connection that keeps messages apart.
struct Channel: ~Copyable {
    let parent: Descriptor
    let child: Descriptor

    init() throws(Failure) {
        var ends: (Int32, Int32) = (-1, -1)
        let result = withUnsafeMutableBytes(of: &ends) {
            socketpair(
                AF_UNIX, Int32(SOCK_SEQPACKET.rawValue | SOCK_CLOEXEC.rawValue), 0,
                $0.bindMemory(to: Int32.self).baseAddress)
        }
        try check(result, "socketpair")
        parent = Descriptor(owning: ends.0)
        child = Descriptor(owning: ends.1)
    }
}
