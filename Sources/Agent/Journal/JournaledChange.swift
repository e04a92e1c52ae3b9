// SPDX-License-Identifier: Apache-2.0

/// A kind of change that the daemon makes to the kernel's networks.
enum JournaledChange: String, CaseIterable, Sendable {
    /// A task's network, as it begins.
    case provision
    /// A task's network, as it ends.
    case release
    /// An ENI that comes to a running task, and one that leaves it.
    case attach, detach
    /// A sandbox's ENI.
    case addToSandbox = "sandbox-add"
    case deleteFromSandbox = "sandbox-delete"
    /// What the subnets need on the host, and which of its links forward.
    case hostNetwork = "host-network"
    case forwarding
    /// Groups and their rules, and which of them an ENI is in.
    case securityGroups = "security-groups"
    case networkInterfaceGroups = "interface-groups"
    /// The packet filter as a whole, from what the store has.
    case packetFilter = "packet-filter"
    /// What has drifted away from a plan.
    case repair
    /// What is the daemon's by its mark, and nobody's by the store.
    case removal

    /// The places in a change where a daemon can die with something done and something not.
    enum Boundary: String, CaseIterable, Sendable {
        /// The intent is written, and the kernel is as it was.
        case intent
        /// The kernel is changed, and nothing says so.
        case kernel
        /// The outcome is written, and nobody was told.
        case outcome
    }

    /// What `TASKNET_FAULT_POINT` calls the place.
    func faultPoint(after boundary: Boundary) -> String { "\(rawValue).\(boundary.rawValue)" }
}
