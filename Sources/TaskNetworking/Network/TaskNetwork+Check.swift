// SPDX-License-Identifier: Apache-2.0
package import Linux

extension TaskNetwork {
    /// What differs between a plan and the kernel.
    package func check(_ plan: TaskNetworkPlan) throws -> [Drift] {
        try check([plan]).first ?? []
    }

    /// What differs between plans and the kernel, one list for each: the host is read once for all of them.
    package func check(_ plans: [TaskNetworkPlan]) throws -> [[Drift]] {
        try withHost { host in
            let hostSnapshot = SideSnapshot(host)
            return try plans.map { plan in
                let task = try Ground(host: host, namespacePath: plan.namespacePath).taskIfThere()
                let snapshot = Snapshot(host: hostSnapshot, task: task.map(SideSnapshot.init))
                return try Self.check(plan.requirements, in: snapshot)
            }
        }
    }

    /// What differs between a plan and the kernel, in a namespace of somebody else's.
    package func check(_ plan: TaskNetworkPlan, in sandbox: NetworkNamespace) throws -> [Drift] {
        try withHost { host in
            let snapshot = Snapshot(host: SideSnapshot(host), task: SideSnapshot(try Side(sandbox)))
            return try Self.check(plan.requirements, in: snapshot)
        }
    }

    /// What differs between the host's part and the kernel.
    package func check(_ plan: HostNetworkPlan) throws -> [Drift] {
        try withHost { host in
            try Self.check(plan.requirements, in: Snapshot(host: SideSnapshot(host), task: nil))
        }
    }

    private static func check(_ requirements: [Requirement], in snapshot: Snapshot) throws -> [Drift] {
        var drifts: [Drift] = []
        for requirement in requirements {
            // That the namespace is gone is said once.
            if requirement.kind.scope == .task && snapshot.task == nil { continue }
            do {
                drifts += try requirement.kind.check(in: snapshot).map {
                    Drift(requirement: requirement, expected: $0.expected, found: $0.found)
                }
            } catch {
                throw TaskNetworkError(operation: .check, step: requirement.description, underlying: error)
            }
        }
        return drifts
    }
}
