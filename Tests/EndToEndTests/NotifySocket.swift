// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import SystemPackage

/// Where a service manager listens for what its services say (sd_notify).
struct NotifySocket: ~Copyable, Sendable {
    let path: FilePath
    private let descriptor: OwnedDescriptor

    init(_ path: FilePath) throws {
        self.path = path
        unlink(path.string)
        descriptor = OwnedDescriptor(socket(AF_UNIX, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0))
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

    /// Waits until a line was said, or until the process that should say it is gone.
    func wait(for line: String, from process: ProcessHandle) throws {
        while true {
            let isReadable = try process.withRawDescriptor { pidfd in
                try descriptor.withRaw { raw in
                    var entries = [
                        pollfd(fd: raw, events: Int16(POLLIN), revents: 0),
                        pollfd(fd: pidfd, events: Int16(POLLIN), revents: 0),
                    ]
                    guard poll(&entries, 2, 60_000) > 0 else { throw Errno.timedOut }
                    return entries[0].revents != 0
                }
            }
            guard isReadable else { throw Errno.noSuchProcess }
            let text = try descriptor.read(upTo: 4096, of: path.string)
            if String(decoding: text, as: UTF8.self).split(separator: "\n").contains(Substring(line)) { return }
        }
    }
}
