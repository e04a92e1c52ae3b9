// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux

/// Where containers tell that their network works.
struct DatagramSocket: ~Copyable {
    private let descriptor: OwnedDescriptor

    init(port: Int) throws {
        descriptor = OwnedDescriptor(
            socket(AF_INET, CInt(SOCK_DGRAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue), 0))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(truncatingIfNeeded: port).bigEndian)
        let status = descriptor.withRaw { raw in
            withUnsafePointer(to: &address) {
                $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    bind(raw, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        }
        guard status == 0 else {
            throw BenchFailure("cannot bind UDP port \(port): \(String(cString: strerror(errno)))")
        }
    }

    /// Waits for one datagram.
    func receive(within time: Duration) throws {
        guard try descriptor.waitUntilReadable(until: .now.advanced(by: time)) else {
            throw BenchFailure("no datagram came from the task within \(time)")
        }
        _ = try descriptor.read(upTo: 64, of: "datagram")
    }
}
