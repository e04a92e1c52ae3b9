// SPDX-License-Identifier: Apache-2.0
package import Linux
import Netlink

extension TaskNetwork {
    /// Makes the plan untrue. What reaches the task is gone when this returns: routes and neighbours on the host, and
    /// devices are back. The rest goes with the namespace, in the kernel's own time.
    ///
    /// Goes on after errors. What is gone already is success.
    package func teardown(_ plan: TaskNetworkPlan) -> TeardownResult {
        teardown(plan.requirements) { Ground(host: $0, namespacePath: plan.namespacePath) }
    }

    /// Makes a plan untrue that was applied in a namespace of somebody else's, which stays as it was before, but for a veth
    /// end that leads nowhere and has no address: `removeReleased` takes it away, with all others, and so does whoever ends the
    /// namespace before.
    ///
    /// - Parameter sandbox: nil where it is gone: then only the host's side is undone, whatever is at its path by now.
    package func teardown(_ plan: TaskNetworkPlan, in sandbox: NetworkNamespace?) -> TeardownResult {
        teardown(plan.requirements) { Ground(host: $0, sandbox: sandbox, releaseGroup: self.releaseGroup) }
    }

    /// Deletes the veth pairs that teardowns have left, all for the price of one.
    ///
    /// - Parameter links: those of other processes, which are looked for by their marks.
    package func removeReleased(and links: [OwnedLink] = []) throws {
        try withHost { host in
            try host.remove(.deleteLinks(group: releaseGroup))
            try remove(links: links.filter { $0.mark == nil }, on: host)
        }
    }

    /// Takes away what the subnets need on the host.
    package func teardown(_ plan: HostNetworkPlan) -> TeardownResult {
        teardown(plan.requirements) { Ground(host: $0, namespacePath: nil) }
    }

    /// Gives a device back to the host.
    ///
    /// - Parameter namespace: nil for one that is gone.
    package func giveBack(_ device: DeviceRequirement, from namespace: NetworkNamespace?) -> TeardownResult {
        teardown([.device(device)]) { Ground(host: $0, sandbox: namespace) }
    }

    private func teardown(_ requirements: [Requirement], on ground: (Side) -> Ground) -> TeardownResult {
        do {
            return try withHost { host in
                let ground = ground(host)
                let errors = Self.undo(requirements, on: ground, as: .teardown)
                return TeardownResult(
                    errors: errors, remarks: ground.remarks, hasReleasedLinks: ground.hasReleasedLinks,
                    timed: ground.undone)
            }
        } catch {
            return TeardownResult(
                errors: [TaskNetworkError(operation: .teardown, step: "network", underlying: error)])
        }
    }
}
