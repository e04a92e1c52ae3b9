// SPDX-License-Identifier: Apache-2.0
package import Linux
import Netlink
import SystemPackage

extension TaskNetwork {
    /// Makes everything in a plan true again that was applied before: as `apply` does, but no namespace is made, and what
    /// others have added stays.
    ///
    /// Goes on after errors and undoes nothing: the task lives, and has more of its network with every step.
    ///
    /// - Throws: `RepairError`
    package func repair(_ plan: TaskNetworkPlan) throws -> AppliedNetwork {
        try withHost { host in
            try Self.repair(plan, on: Ground(host: host, namespacePath: plan.namespacePath, isRepair: true))
        }
    }

    /// The same in a namespace of somebody else's.
    package func repair(_ plan: TaskNetworkPlan, in sandbox: NetworkNamespace) throws -> AppliedNetwork {
        try withHost { host in try Self.repair(plan, on: Ground(host: host, sandbox: sandbox, isRepair: true)) }
    }

    /// Gives a task's namespace its name again, which somebody has taken away while it lives on.
    ///
    /// - Parameter namespace: the task's, by one of its processes: its pause process's `/proc/<pid>/ns/net`.
    /// - Throws: `ConflictError` for the host's namespace or another task's; `LinuxError`: `EEXIST` where another namespace is
    ///   at the path, `EINVAL` where anything else is. Both stay.
    package func rebind(_ plan: TaskNetworkPlan, to namespace: NetworkNamespace) throws {
        if namespace == hostNamespace {
            throw ConflictError("\(namespace) is the host's own network namespace, and not the task's")
        }
        let alias = try Side(namespace).link(named: .loopback)?.alias
        if let mark = TaskMark(alias), mark.networkInterfaceID == nil, mark.taskID != plan.taskID {
            throw ConflictError("\(namespace) is the namespace of task \(mark.taskID), and not of \(plan.taskID)")
        }
        try namespace.bind(at: FilePath(plan.namespacePath.text))
    }

    private static func repair(_ plan: TaskNetworkPlan, on ground: Ground) throws -> AppliedNetwork {
        guard try ground.taskIfThere() != nil else {
            throw RepairError(cause: .namespaceGone(plan.namespacePath), steps: [])
        }
        var timed = TimedSteps(reserving: plan.requirements.count)
        var errors: [TaskNetworkError] = []
        // What is under the name of a link that is not there could be anybody's.
        var lacking: Set<InterfaceName> = []
        for requirement in plan.requirements {
            if let name = requirement.taskLink, lacking.contains(name) { continue }
            do {
                _ = try requirement.kind.apply(in: ground)
                FaultPoint.pass("apply-step")
            } catch {
                if let name = requirement.madeTaskLink { lacking.insert(name) }
                errors.append(TaskNetworkError(operation: .repair, step: requirement.description, underlying: error))
            }
            timed.end(requirement)
        }
        guard let first = errors.first else { return AppliedNetwork(timed: timed) }
        guard case DeviceError.notFound(let mac)? = first.underlying as? DeviceError else {
            throw RepairError(cause: .other, steps: errors)
        }
        throw RepairError(cause: .deviceGone(mac), steps: errors)
    }
}

extension Requirement {
    /// The link in the task that it makes, or takes there.
    fileprivate var madeTaskLink: InterfaceName? {
        switch self {
        case .veth(let pair): pair.name
        case .madeLink(let link): link.name
        case .device(let device): device.name
        case .tap(let tap): tap.name
        default: nil
        }
    }

    /// The link in the task that it is about, which another one makes.
    fileprivate var taskLink: InterfaceName? {
        switch self {
        case .link(let link) where link.scope == .task: link.name
        case .address(let address) where address.scope == .task: address.link
        case .route(let route) where route.scope == .task: route.link
        case .neighbour(let neighbour) where neighbour.scope == .task: neighbour.link
        case .sysctl(let sysctl) where sysctl.scope == .task: sysctl.link
        case .ready(let ready) where ready.scope == .task: ready.name
        case .noConnectedRoutes(let routes): routes.link
        default: nil
        }
    }
}
