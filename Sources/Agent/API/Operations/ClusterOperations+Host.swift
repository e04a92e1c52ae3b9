// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import SystemPackage

extension ClusterOperations {
    /// Where things are on this host: the command line reads logs and enters namespaces by itself.
    static func host(_ configuration: AgentConfiguration) -> TaskNetworkAPI.DescribeHost.Output {
        TaskNetworkAPI.DescribeHost.Output(
            version: agentVersion, stateDirectory: configuration.stateDirectory.string,
            runtimeDirectory: configuration.runtimeDirectory.string,
            namespaceDirectory: configuration.namespaceDirectory.string,
            pauseExecutable: configuration.pauseExecutable?.string)
    }
}
