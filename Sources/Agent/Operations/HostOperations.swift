// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import SystemPackage

/// Where the daemon keeps things, for those who look at them themselves: `tasknet logs`, `exec`, `doctor`.
struct HostOperations: AgentPart {
    let context: AgentContext

    func register(in dispatcher: inout APIDispatcher) {
        dispatcher.register(TaskNetworkAPI.DescribeHost.self) { [context] _, _ in
            let settings = try EngineSettings(context.configuration.value)
            return TaskNetworkAPI.DescribeHost.Output(
                version: agentVersion, stateDirectory: settings.stateDirectory.string,
                runtimeDirectory: settings.runtimeDirectory.string,
                namespaceDirectory: settings.namespaceDirectory.string, pauseExecutable: settings.pauseExecutable.string
            )
        }
    }
}
