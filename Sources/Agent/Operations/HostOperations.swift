// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import SystemPackage

/// Where the daemon keeps things, for those who look at them themselves: `tasknet logs`, `exec`, `doctor`.
struct HostOperations: AgentPart {
    let context: AgentContext
    let network: TaskNetworkService

    func register(in dispatcher: inout APIDispatcher) {
        dispatcher.register(TaskNetworkAPI.DescribeHost.self) { [context, network] _, _ in
            let configuration = context.configuration.value
            let settings = try EngineSettings(configuration)
            var output = TaskNetworkAPI.DescribeHost.Output(
                version: agentVersion, stateDirectory: configuration.stateDirectory.string,
                runtimeDirectory: configuration.runtimeDirectory.string,
                namespaceDirectory: configuration.namespaceDirectory.string,
                pauseExecutable: settings.pauseExecutable.string
            )
            output.reloadRefusal = context.configuration.refusal
            output.forwardingLinks = Set(await network.forwardingLinks.values.joined()).sorted()
            return output
        }
    }
}
