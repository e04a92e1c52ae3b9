// SPDX-License-Identifier: Apache-2.0
import CNetlink
package import Linux
import SystemPackage

/// Tells that something about a namespace's links or IPv6 addresses has changed, and not what: for whoever looks for
/// itself, and only wants to know when to look again.
///
/// Changes are noted from the moment this is made.
package struct ChangeSignal: ~Copyable {
    private let socket: NetlinkSocket

    /// - Parameter namespace: nil is where the calling thread is now.
    package init(in namespace: NetworkNamespace? = nil) throws {
        let socket = try NetlinkSocket(in: namespace)
        do throws(Refusal) {
            try socket.setNonblocking()
            try socket.join(RTNLGRP_LINK)
            try socket.join(RTNLGRP_IPV6_IFADDR)
        } catch {
            throw NetlinkError("subscribe to", "changes", error)
        }
        self.socket = socket
    }

    /// Waits until something has changed since the last call. Blocks the thread.
    ///
    /// - Parameter deadline: nil waits for ever; one in the past only looks.
    /// - Returns: false when the deadline came first.
    package func wait(until deadline: ContinuousClock.Instant?) throws -> Bool {
        guard try Readiness.wait(for: socket.descriptor, until: deadline) else { return false }
        do throws(Refusal) {
            while try socket.receive({ _ in }) {}
        } catch {
            // Too much to keep is a change too.
            guard error.errno == .noBufferSpace else { throw NetlinkError("read", "changes", error) }
        }
        return true
    }
}
