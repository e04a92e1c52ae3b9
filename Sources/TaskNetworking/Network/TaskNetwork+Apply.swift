// SPDX-License-Identifier: Apache-2.0
package import Linux

extension TaskNetwork {
    /// Makes everything in the plan true, in its order. What is true already stays as it is, so that an apply also mends.
    ///
    /// - Parameters:
    ///   - warm: asked for a namespace that is ready, where the plan makes one that can be.
    ///   - isMade: given the task's namespace when all is true, which stays so where this throws. The namespace lives for
    ///     as long as somebody keeps it.
    /// - Throws: `TaskNetworkError` of the first step that failed. What this call had made is gone then, but for what the
    ///   error names as not undone; what was there before is still there.
    package func apply(
        _ plan: TaskNetworkPlan, from warm: WarmSource? = nil, isMade: ((NetworkNamespace) throws -> Void)? = nil
    ) throws -> AppliedNetwork {
        try withHost { host in
            let source: (() -> WarmNetwork?)? =
                if let warm, plan.warmPair != nil { { warm(plan) } } else { nil }
            let ground = Ground(host: host, namespacePath: plan.namespacePath, warmSource: source)
            let applied = try Self.apply(plan.requirements, on: ground)
            if let isMade { try isMade(try ground.task().namespace) }
            return applied
        }
    }

    /// Makes everything in the plan true, in a namespace that somebody else made: nothing that is in there already is
    /// replaced.
    package func apply(_ plan: TaskNetworkPlan, in sandbox: NetworkNamespace) throws -> AppliedNetwork {
        try withHost { host in try Self.apply(plan.requirements, on: Ground(host: host, sandbox: sandbox)) }
    }

    /// Makes the host's part true for its subnets.
    ///
    /// - Parameter old: what was true before, after a change of the configuration; what is not in the new plan is undone.
    package func apply(_ plan: HostNetworkPlan, replacing old: HostNetworkPlan? = nil) throws -> AppliedNetwork {
        try withHost { host in
            let ground = Ground(host: host, namespacePath: nil)
            let applied = try Self.apply(plan.requirements, on: ground)
            if let old {
                let errors = Self.undo(plan.superseded(of: old).requirements, on: ground, as: .teardown)
                if var error = errors.first {
                    error.notUndone = Array(errors.dropFirst())
                    throw error
                }
            }
            return applied
        }
    }

    private static func apply(_ requirements: [Requirement], on ground: Ground) throws -> AppliedNetwork {
        var timed = TimedSteps(reserving: requirements.count)
        var made: [Requirement] = []
        for requirement in requirements {
            do {
                if try requirement.kind.apply(in: ground) == .made { made.append(requirement) }
                FaultPoint.pass("apply-step")
            } catch {
                throw TaskNetworkError(
                    operation: .apply, step: requirement.description, underlying: error,
                    notUndone: undo(made, on: ground, as: .rollback))
            }
            timed.end(requirement)
        }
        return AppliedNetwork(timed: timed)
    }

    /// Makes requirements untrue, the last one first, as far as possible.
    ///
    /// When their namespace is among them it ends, and what goes with it is left to the kernel. It stays where a device
    /// could not be given back: most would be gone with it.
    static func undo(
        _ requirements: [Requirement], on ground: Ground, as operation: TaskNetworkError.Operation
    ) -> [TaskNetworkError] {
        let namespaceEnds = requirements.contains { if case .namespace = $0 { true } else { false } }
        var errors: [TaskNetworkError] = []
        var holdsDevice = false
        let releases = operation == .teardown && (namespaceEnds || ground.releaseGroup != nil)
        let down = releases ? release(requirements, on: ground) : []
        for requirement in requirements.reversed() where !(namespaceEnds && requirement.kind.goesWithNamespace) {
            if holdsDevice, case .namespace = requirement { continue }
            if let hostEnd = requirement.kind.goesWithHostEnd, down.contains(hostEnd) { continue }
            do {
                try requirement.kind.undo(in: ground)
                FaultPoint.pass("undo-step")
            } catch {
                if case .device = requirement { holdsDevice = true }
                errors.append(
                    TaskNetworkError(operation: operation, step: requirement.description, underlying: error))
            }
            ground.undone.end(requirement)
        }
        return errors
    }

    /// Takes veth pairs' host ends down, with which most of the host's side is gone at once.
    /// - Returns: those that are down. A pair that could not be is undone in steps, of which those that fail are told.
    private static func release(_ requirements: [Requirement], on ground: Ground) -> Set<InterfaceName> {
        var down: Set<InterfaceName> = []
        for case .veth(let pair) in requirements.reversed() {
            if (try? pair.release(in: ground)) == true { down.insert(pair.hostName) }
            ground.undone.end(.veth(pair))
        }
        return down
    }
}
