// SPDX-License-Identifier: Apache-2.0
package import Linux

/// A plan to be compared with the kernel.
package struct CheckedPlan: Sendable {
    package let plan: TaskNetworkPlan
    /// The namespace of somebody else's that it was applied in; nil for the one at its path.
    package let sandbox: NetworkNamespace?

    package init(_ plan: TaskNetworkPlan, in sandbox: NetworkNamespace? = nil) {
        self.plan = plan
        self.sandbox = sandbox
    }
}

extension TaskNetwork {
    /// What differs between a plan and the kernel.
    package func check(_ plan: TaskNetworkPlan) throws -> [Drift] { try check(CheckedPlan(plan)) }

    /// What differs between a plan and the kernel, in a namespace of somebody else's.
    package func check(_ plan: TaskNetworkPlan, in sandbox: NetworkNamespace) throws -> [Drift] {
        try check(CheckedPlan(plan, in: sandbox))
    }

    /// What differs between the host's part and the kernel.
    package func check(_ plan: HostNetworkPlan) throws -> [Drift] {
        try withHost { host in
            try Self.check(plan.requirements, in: Snapshot(host: SideSnapshot(host), task: nil))
        }
    }

    private func check(_ plan: CheckedPlan) throws -> [Drift] {
        let results = try check([plan])
        guard let result = results.first else { return [] }
        return try result.get()
    }

    /// What differs between plans and the kernel, in their order: the drift, or why a plan could not be compared, which
    /// says nothing about the others.
    ///
    /// The host is read once for all of them, and each namespace once for all plans in it. The host's reading is older
    /// than the last namespace's: before a drift is mended, in the owner's turn, it is looked for again.
    ///
    /// - Throws: when the host itself cannot be read.
    package func check(_ plans: [CheckedPlan]) throws -> [Result<[Drift], TaskNetworkError>] {
        // One namespace after the other: a thousand are not held open at once.
        let groups = Dictionary(grouping: plans.indices) { PlaceKey(plans[$0]) }
        return try withHost { host in
            // Its settings are files, and each would be a way there and back.
            try hostNamespace.enter {
                let hostSnapshot = SideSnapshot(host, isEntered: true)
                try hostSnapshot.readAll()
                var results = [Result<[Drift], TaskNetworkError>](repeating: .success([]), count: plans.count)
                for places in groups.values {
                    guard let first = places.first else { continue }
                    do {
                        let snapshot = Snapshot(host: hostSnapshot, task: try Self.task(of: plans[first], host))
                        for place in places {
                            results[place] = Self.result {
                                try Self.check(plans[place].plan.requirements, in: snapshot)
                            }
                        }
                    } catch {
                        for place in places { results[place] = Self.result { throw error } }
                    }
                }
                return results
            }
        }
    }

    private static func task(of plan: CheckedPlan, _ host: Side) throws -> SideSnapshot? {
        let ground =
            if let sandbox = plan.sandbox {
                Ground(host: host, sandbox: sandbox)
            } else {
                Ground(host: host, namespacePath: plan.plan.namespacePath)
            }
        return try ground.taskIfThere().map { SideSnapshot($0) }
    }

    private static func result(_ check: () throws -> [Drift]) -> Result<[Drift], TaskNetworkError> {
        do {
            return .success(try check())
        } catch let error as TaskNetworkError {
            return .failure(error)
        } catch {
            return .failure(TaskNetworkError(operation: .check, step: "namespace", underlying: error))
        }
    }

    private static func check(_ requirements: [Requirement], in snapshot: Snapshot) throws -> [Drift] {
        var drifts: [Drift] = []
        for requirement in requirements {
            // That the namespace is gone is said once.
            if requirement.kind.scope == .task && snapshot.task == nil { continue }
            do {
                drifts += try requirement.kind.check(in: snapshot).map {
                    Drift(requirement: requirement, expected: $0.expected, found: $0.found, kind: $0.kind)
                }
            } catch {
                throw TaskNetworkError(operation: .check, step: requirement.description, underlying: error)
            }
        }
        return drifts
    }
}

/// What plans in the same namespace have in common.
private enum PlaceKey: Hashable {
    case path(AbsolutePath)
    case sandbox(NetworkNamespace)

    init(_ plan: CheckedPlan) { self = plan.sandbox.map(Self.sandbox) ?? .path(plan.plan.namespacePath) }
}
