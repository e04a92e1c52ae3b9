// SPDX-License-Identifier: Apache-2.0

extension TaskNetwork {
    /// Makes the plan untrue. What reaches the task is gone when this returns: routes and neighbours on the host, and
    /// devices are back. The rest goes with the namespace, in the kernel's own time.
    ///
    /// Goes on after errors. What is gone already is success.
    package func teardown(_ plan: TaskNetworkPlan) -> TeardownResult {
        teardown(plan.requirements, namespacePath: plan.namespacePath)
    }

    /// Takes away what the subnets need on the host.
    package func teardown(_ plan: HostNetworkPlan) -> TeardownResult {
        teardown(plan.requirements, namespacePath: nil)
    }

    private func teardown(_ requirements: [Requirement], namespacePath: AbsolutePath?) -> TeardownResult {
        do {
            return try withHost { host in
                let ground = Ground(host: host, namespacePath: namespacePath)
                let errors = Self.undo(requirements, on: ground, as: .teardown)
                return TeardownResult(errors: errors, remarks: ground.remarks)
            }
        } catch {
            return TeardownResult(
                errors: [TaskNetworkError(operation: .teardown, step: "network", underlying: error)])
        }
    }
}
