// SPDX-License-Identifier: Apache-2.0
import TaskNetworking

/// A step on the way of a task or sandbox. One byte each: a thousand traces of them are kept.
enum TraceStep: Hashable, Sendable {
    case path(PathStep)
    /// What a plan requires in the task.
    case requirement(RequirementName)
    /// What a plan requires on the host.
    case hostRequirement(RequirementName)

    init(_ requirement: Requirement) {
        // The namespace is made on the host, and is the task's.
        let isHosts = requirement.scope == .host && requirement.name != .namespace
        self = isHosts ? .hostRequirement(requirement.name) : .requirement(requirement.name)
    }

    /// What the API calls it: programs read it, so it stays.
    var name: String {
        switch self {
        case .path(let step): step.rawValue
        case .requirement(let name): name.rawValue
        case .hostRequirement(let name): "host.\(name.rawValue)"
        }
    }
}

/// The steps that the daemon itself takes. docs/profiling.md has them for users.
enum PathStep: String, CaseIterable, Sendable {
    /// RunTask's or StopTask's call, from where the request is there to its answer.
    case request
    /// Reading the request's JSON.
    case decode
    /// Looking up what the request names, and holding it against the rules.
    case check
    /// Taking addresses from a subnet.
    case lease
    /// Making what will supervise the task.
    case supervisor
    /// Writing down a task, or its new status.
    case record
    /// Making and removing the directory with the task's files.
    case files
    /// All of the making of a network.
    case network
    /// All of the taking down of a network.
    case networkRelease = "network.release"
    /// Deciding what is to be made.
    case plan
    /// Waiting until nobody else changes the same network, or the packet filter.
    case turn
    /// Writing what is about to be done.
    case intent
    /// Changing the kernel's networks; its own part is the way to a thread that may block, and back.
    case kernel
    /// Writing what has been done.
    case outcome
    /// The packet filter's part: an ENI's groups.
    case firewall
    /// Ending the connections that the packet filter still tracks.
    case connections
    /// Looking whether the ENI's groups were changed meanwhile.
    case settle
    /// Giving the addresses back.
    case free
    /// Starting the task's pause process, and connecting with it.
    case pause
    /// Ending the task's pause process.
    case pauseEnd = "pause.end"
    /// Starting one container.
    case container
    /// From the first container's SIGTERM to the last one's end.
    case containersEnd = "containers.end"
    /// Doing the deletions that CNI's plugin left while there was no daemon.
    case deletions
    /// Waiting for a NIC.
    case deviceWait = "device.wait"
    /// Opening a sandbox's namespace, and looking what is in it.
    case sandbox
    /// Describing to the caller what was made.
    case answer
}
