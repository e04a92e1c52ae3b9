// SPDX-License-Identifier: Apache-2.0

/// What a task's network is: a namespace, and the list of what must be true in it and on the host, in the order in
/// which it is made true. A value: it is kept in the store, and whoever has it can check, repair and undo the network.
package struct TaskNetworkPlan: Hashable, Sendable, Codable {
    package var taskID: String
    package var namespacePath: AbsolutePath
    package var requirements: [Requirement]
    /// What was asked for and left out, and why. For people.
    package var remarks: [String]

    package init(
        taskID: String, namespacePath: AbsolutePath, requirements: [Requirement], remarks: [String] = []
    ) {
        self.taskID = taskID
        self.namespacePath = namespacePath
        self.requirements = requirements
        self.remarks = remarks
    }

    /// What it gives the host's end of this name; nil where there is none, or it is left as it is.
    package func linkGroup(of hostName: String) -> UInt32? {
        for case .veth(let veth) in requirements where veth.hostName.text == hostName { return veth.hostGroup }
        return nil
    }

    /// The plan with another link group of the host's end of an ENI's veth; the same where it has no such veth.
    package func settingLinkGroup(_ group: UInt32, of hostName: String) -> TaskNetworkPlan {
        var plan = self
        plan.requirements = requirements.map { requirement in
            guard case .veth(var veth) = requirement, veth.hostName.text == hostName else { return requirement }
            veth.hostGroup = group
            return .veth(veth)
        }
        return plan
    }

    /// What is on the host of it, without the links themselves: all of a sandbox's network that is not its runtime's
    /// affair. Plugins that come after may have changed what is in there on purpose.
    package var hostSide: TaskNetworkPlan {
        var plan = self
        plan.requirements = requirements.filter { $0.kind.scope == .host && !$0.kind.goesWithNamespace }
        return plan
    }

    /// Whether the namespace is made by this plan, and ends with it.
    package var ownsNamespace: Bool {
        requirements.contains { if case .namespace = $0 { true } else { false } }
    }
}
