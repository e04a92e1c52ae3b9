// SPDX-License-Identifier: Apache-2.0
package import Addressing
package import Linux
import Netlink
import VPC

/// A namespace with a veth pair that is no task's yet: all of a task's network that does not depend on which task it is.
///
/// Nothing holds it but this value's descriptors. Where they are closed, by whatever end of the process, the kernel takes
/// the namespace away, and both ends of the pair with it.
///
/// It is with one user at a time, which is all that its connection needs; the compiler cannot follow it through a pool.
package struct WarmNetwork: @unchecked Sendable {
    package let namespace: NetworkNamespace
    let connection: RouteConnection
    /// The ENI that its links are named after. A task's ENI that is made as this one need not have them renamed, which
    /// waits for the kernel; any other may have them all the same.
    package let identity: WarmIdentity
    package let hostName: InterfaceName
    let hostIndex: Int32
    let mtu: Int
    let settings: WarmSettings

    /// What `ip link` shows beside the host's end. No mark of a task's: nobody looks for its task, and it is nobody's
    /// leftover.
    package static let alias = "tasknet ready for any task"

    /// The link in the namespace: a task's first.
    static let innerName = "eth0"
    static let innerIndex: Int32 = 2

    /// Whether it can become the plan's pair, with no more than a few words to the kernel.
    ///
    /// One whose links are too small for IPv6 cannot become one with it, nor the other way round: the kernel has settings
    /// for IPv6 on one of them only. One that has IPv6 can do without, and one that was told to do without cannot be told
    /// otherwise: plans say nothing of that.
    package func fits(_ plan: TaskNetworkPlan) -> Bool {
        guard let pair = plan.warmPair else { return false }
        let withIPv6 = NetworkInterface.possibleMTUs(withIPv6: true)
        return pair.name.text == Self.innerName && (pair.index ?? Self.innerIndex) == Self.innerIndex
            && withIPv6.contains(mtu) == withIPv6.contains(pair.mtu)
            && (settings.hostEndHasIPv6 || !plan.hasIPv6(on: pair))
    }
}

/// What an ENI is called that is made to fit what is ready.
package struct WarmIdentity: Hashable, Sendable {
    package let networkInterfaceID: String
    package let macAddress: MACAddress
}

/// What is set in a namespace and on its links before they are a task's: the same as a plan says later, under the names
/// that the links have then.
struct WarmSettings: Hashable, Sendable {
    /// Whether links of this size have settings for IPv6, whether the host uses IPv6, and whether the host's end is to.
    let linksHaveIPv6: Bool
    let hostHasIPv6: Bool
    let hostEndHasIPv6: Bool
    /// Before Linux 6.2 a link that is up cannot be renamed.
    let isHostEndUp: Bool

    /// Only the host's end, in the order in which it is made.
    func hostSettings(of name: InterfaceName, alias: String) -> [Requirement] {
        let end = LinkRequirement(
            scope: .host, name: name, isUp: isHostEndUp ? true : nil, alias: alias,
            makesLinkLocalAddress: linksHaveIPv6 ? false : nil, ipv4: .hostEnd)
        guard linksHaveIPv6, hostHasIPv6 else { return [.link(end)] }
        return [.sysctl(hostEndHasIPv6 ? .noRouterAdvertisements(on: name) : .noIPv6(on: name)), .link(end)]
    }

    /// Only the task's side: said before the host's end comes up, and with it the link.
    func taskSettings(of name: InterfaceName) -> [Requirement] {
        guard linksHaveIPv6 else { return [] }
        return [.link(LinkRequirement(scope: .task, name: name, isUp: nil, makesLinkLocalAddress: false))]
    }

    static let loopback = Requirement.link(LinkRequirement(scope: .task, name: .loopback))

    /// All that is there when a pair has these names.
    func all(of pair: VethRequirement) -> [Requirement] {
        taskSettings(of: pair.name) + hostSettings(of: pair.hostName, alias: pair.alias) + [Self.loopback]
    }
}

/// Where an apply gets a namespace that is ready for a plan; nil where there is none, and it is to be made.
///
/// Called once it is known that a namespace is to be made, and at most once in an apply.
package typealias WarmSource = @Sendable (TaskNetworkPlan) -> WarmNetwork?

extension Link {
    /// Whether it is the host's end of a pair that is no task's yet.
    package var isWarm: Bool {
        kind == .veth && alias == WarmNetwork.alias && name.hasPrefix(InterfacePlan.hostPrefix)
    }
}
