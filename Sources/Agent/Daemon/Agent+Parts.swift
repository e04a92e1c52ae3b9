// SPDX-License-Identifier: Apache-2.0

extension Agent {
    /// Everything that the daemon is made of, in the order of its start; it ends in reverse.
    package static func parts(of context: AgentContext) throws -> [any AgentPart] {
        [
            TaskDefinitionOperations(context: context),
            ClusterOperations(context: context),
        ]
    }
}
