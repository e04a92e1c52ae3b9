// SPDX-License-Identifier: Apache-2.0
package import Linux

/// A connection to the packet filter (nf_tables) and to connection tracking of one network namespace.
///
/// Not for two threads at once, which the compiler sees to: it is not `Sendable`.
package final class NetfilterConnection {
    let socket: NetfilterSocket
    private var sequence: UInt32 = 0

    /// Opens a connection that works on a namespace, wherever its user is later.
    ///
    /// - Parameter namespace: nil is where the calling thread is now.
    package init(in namespace: NetworkNamespace? = nil) throws {
        socket = try NetfilterSocket(in: namespace)
    }

    /// A number that no request of this connection had, but for those of four thousand million requests ago.
    func nextSequence() -> UInt32 {
        sequence &+= 1
        // The kernel uses 0 for what nobody asked for.
        if sequence == 0 { sequence = 1 }
        return sequence
    }
}

@available(*, unavailable)
extension NetfilterConnection: Sendable {}
