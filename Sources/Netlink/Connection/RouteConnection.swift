// SPDX-License-Identifier: Apache-2.0
import CNetlink
package import Linux
import SystemPackage

/// A connection to the kernel's routing tables and links (rtnetlink) of one network namespace.
///
/// Not for two threads at once, which the compiler sees to: it is not `Sendable`.
package final class RouteConnection {
    let socket: NetlinkSocket

    /// Opens a connection that works on a namespace, wherever its user is later.
    ///
    /// - Parameter namespace: nil is where the calling thread is now.
    package init(in namespace: NetworkNamespace? = nil) throws {
        socket = try NetlinkSocket(in: namespace)
    }
}

@available(*, unavailable)
extension RouteConnection: Sendable {}
