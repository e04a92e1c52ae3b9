// SPDX-License-Identifier: Apache-2.0
package import Linux
import Netlink
import Synchronization

/// Makes plans true, compares them with the kernel, and takes them away again: three walks over a list of requirements,
/// each of which knows how that is done for its kind.
///
/// Usable from any thread, by several at once. Every call blocks for as long as the kernel takes, which is about a
/// millisecond for a whole `veth` network.
package final class TaskNetwork: Sendable {
    package let hostNamespace: NetworkNamespace
    /// Connections to the host's side that nobody uses just now.
    private let idle = Mutex<[HostConnection]>([])
    private static let maximumIdle = 8
    /// The link group of host's ends that wait for `removeReleased`: one that no configuration names, and another one in
    /// each process.
    let releaseGroup = UInt32.random(in: 1 << 24...UInt32(Int32.max))
    /// Whether the kernel renames links that are up; nil before somebody had to know.
    let liveRename = Mutex<Bool?>(nil)
    /// Whether the kernel forwards IPv6 for single links; nil before it was seen to know IPv6.
    let forwardingPerLink = Mutex<Bool?>(nil)

    /// - Parameter host: the namespace that is the host's; nil for the one that the calling thread is in.
    package init(host: NetworkNamespace? = nil) throws {
        hostNamespace = if let host { host } else { try NetworkNamespace.current() }
    }

    /// A connection on its way from one user to the next. It is with one of them at a time, which is all that it needs;
    /// the compiler cannot follow it through the list.
    private struct HostConnection: @unchecked Sendable {
        let connection: RouteConnection
    }

    func withHost<Result>(_ body: (Side) throws -> Result) throws -> Result {
        let known = idle.withLock { $0.popLast() }
        let connection = try known?.connection ?? RouteConnection(in: hostNamespace)
        defer {
            let back = HostConnection(connection: connection)
            idle.withLock { if $0.count < Self.maximumIdle { $0.append(back) } }
        }
        return try body(Side(hostNamespace, connection))
    }
}
