// SPDX-License-Identifier: Apache-2.0

/// A kind of change that the daemon makes to the kernel's networks, with what is left of it by a daemon that dies before
/// the outcome is written, and who finishes or undoes that.
///
/// One thing has no intent: what the warm pool makes (`NetworkJournal.makeWarmNetwork`). The kernel takes it away when the
/// daemon dies, as nothing but the daemon's descriptors holds it.
///
/// After the intent nothing of it is in the kernel, after the kernel all of it; in between a part. The store says the same
/// in all three cases, so the next daemon does the same: it walks the whole way again, on which what is made already is
/// found, and what is gone already is no error. After the outcome only the caller does not know, and asks again.
enum JournaledChange: String, CaseIterable, Sendable {
    /// A task's network, as it begins. Left are its plan and ENIs that are ATTACHING: the task's next supervisor provisions
    /// it again, or releases it where the task is to end.
    case provision
    /// A task's network, as it ends. Left are plans and ENIs that are DETACHING. Of a task that is DEPROVISIONING the next
    /// supervisor releases it again, of one that is STOPPED `TaskNetworkService.retryKept`.
    case release
    /// An ENI that comes to a running task. Left is one that is ATTACHING, with a plan of its own once its device was
    /// there: `resumeAttachments` goes on, and it ends in ATTACHED or FAILED.
    case attach
    /// An ENI that leaves a running task. Left is one that is DETACHING, with its plan: `retryKept` takes it out. One that
    /// was to leave because it could not come is still ATTACHING, and tried once more.
    case detach
    /// A sandbox's ENI, as it comes. Left is one that is ATTACHING, with its plan: `SandboxNetworkService.prepare` takes it
    /// out, as whoever asked for it was told nothing and asks for its deletion.
    case addToSandbox = "sandbox-add"
    /// A sandbox's ENI, as it goes. Left is one that is DETACHING: `SandboxNetworkService.prepare` takes it out, and
    /// `retryKept` where it is kept.
    case deleteFromSandbox = "sandbox-delete"
    /// The veth pairs of sandboxes' ENIs that went, which are down. Left are some by the mark of what was released:
    /// `ReleasedLinks.begin` removes them.
    case releasedLinks = "released-links"
    /// What the subnets need on the host. Left is a plan of the old and the new: `TaskNetworkService.prepare` makes the
    /// configuration's true, and takes away the rest.
    case hostNetwork = "host-network"
    /// Which of the host's links forward. Left is a plan of the old and the new; the packet filter holds both to tasks'
    /// packets from the daemon's start on, and `TaskNetworkService.prepare` gives back what is not needed.
    case forwarding
    /// A group, or its rules. Left is the group as it is to be: `SecurityGroupService.prepare` makes the packet filter
    /// like the store.
    case securityGroups = "security-groups"
    /// Which groups an ENI is in. Left is the ENI with its new groups, and the plan with their link group:
    /// `SecurityGroupService.prepare` makes the packet filter and the links like them.
    case networkInterfaceGroups = "interface-groups"
    /// The packet filter as a whole, from what the store has, which is the intent. `SecurityGroupService.prepare` makes it.
    case packetFilter = "packet-filter"
    /// What has drifted away from a plan, which is the intent: it is compared again.
    case repair
    /// What is the daemon's by its mark, and nobody's by the store, which is the intent: it is found again.
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
