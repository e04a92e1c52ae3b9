// SPDX-License-Identifier: Apache-2.0
import Glibc
package import Linux
package import SystemPackage

/// Where the daemon says that it is ready, as to systemd (sd_notify).
package struct ReadySocket: ~Copyable, Sendable {
    package let path: FilePath
    private let descriptor: OwnedDescriptor

    package init(_ path: FilePath) throws {
        self.path = path
        unlink(path.string)
        descriptor = OwnedDescriptor(
            socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0))
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let bytes = Array(path.string.utf8)
        guard bytes.count < MemoryLayout.size(ofValue: address.sun_path) else { throw Errno.fileNameTooLong }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let status = descriptor.withRaw { raw in
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(raw, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        guard status == 0 else { throw Errno(rawValue: errno) }
    }

    package enum Answer { case ready, dead, late }

    /// Waits until the process says that it is ready, or is dead.
    package func wait(for process: ProcessHandle, seconds: Int) throws -> Answer {
        let deadline = ContinuousClock.now.advanced(by: .seconds(seconds))
        while true {
            let rest = ContinuousClock.now.duration(to: deadline) / .milliseconds(1)
            guard rest > 0 else { return .late }
            let isReadable: Bool? = process.withRawDescriptor { pidfd in
                descriptor.withRaw { raw in
                    var entries = [raw, pidfd].map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
                    guard poll(&entries, 2, CInt(rest) + 1) > 0 else { return nil }
                    return entries[0].revents != 0
                }
            }
            guard let isReadable else { continue }
            guard isReadable else { return .dead }
            let text = String(decoding: try descriptor.read(upTo: 4096, of: path.string), as: UTF8.self)
            if text.split(separator: "\n").contains("READY=1") { return .ready }
        }
    }
}
