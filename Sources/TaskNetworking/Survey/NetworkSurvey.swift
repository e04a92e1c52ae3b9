// SPDX-License-Identifier: Apache-2.0
package import Addressing
package import Linux
package import Netlink

/// What the daemon has made on a host, told by its marks: whether a task of the store's still needs it is not said here.
///
/// What the AWS plugins have made is not among it: they need no daemon, and their links have marks of their own.
package struct NetworkSurvey: Hashable, Sendable {
    /// The host's ends of veth pairs.
    package var links: [OwnedLink] = []
    /// The host's routes to tasks.
    package var routes: [OwnedRoute] = []
    /// The subnets' blocks that the host answers "unreachable" for.
    package var subnets: [OwnedSubnet] = []
    package var namespaces: [OwnedNamespace] = []
}

/// The host's end of a veth pair.
package struct OwnedLink: Hashable, Sendable {
    package let index: Int32
    package let name: String
    /// nil for one that was released: its task is gone, and the kernel has not taken it away yet.
    package let mark: TaskMark?

    /// nil for a link that is not the daemon's. A mark alone is not enough: anybody may copy one to a link of his own.
    init?(_ link: Link) {
        guard link.kind == .veth else { return nil }
        if link.alias == LinkRequirement.releasedAlias {
            // The plugins' ends are released, too, and have other names.
            guard link.name.hasPrefix(InterfacePlan.hostPrefix) else { return nil }
            mark = nil
        } else {
            guard let mark = TaskMark(link.alias), mark.networkInterfaceID != nil else { return nil }
            self.mark = mark
        }
        index = link.index
        name = link.name
    }
}

/// A host's route to a task.
package struct OwnedRoute: Hashable, Sendable {
    package let route: Route
    /// The link that it leads to; nil where that is gone, or is nobody's.
    package let link: OwnedLink?
}

/// What the host has for a block of a subnet.
package struct OwnedSubnet: Hashable, Sendable {
    /// The unreachable route's destination.
    package let block: CIDRBlock
    /// The gateway's address, where it is on the host's `lo`.
    package let gateway: InterfaceAddress?
}

/// A task's namespace.
package struct OwnedNamespace: Hashable, Sendable {
    package let path: AbsolutePath
    package let taskID: String
    package let identity: NetworkNamespace.Identity
}
