// SPDX-License-Identifier: Apache-2.0

import AWSPlugins
import CNI
import TasknetPlugin

/// The plugins that the program is.
enum PluginCatalog {
    static let names = [TasknetPlugin.name, ECSENI.name, VPCENI.name, VPCBranchENI.name, ECSBridge.name, ECSIPAM.name]

    static func plugin(named name: String, in world: PluginWorld) -> (any CNIPlugin)? {
        switch name {
        case TasknetPlugin.name: TasknetPlugin(environment: world.environment)
        case ECSENI.name: LoggedPlugin(environment: world.environment) { ECSENI(log: $0) }
        case VPCENI.name: LoggedPlugin(environment: world.environment) { VPCENI(log: $0) }
        case VPCBranchENI.name: LoggedPlugin(environment: world.environment) { VPCBranchENI(log: $0) }
        case ECSBridge.name:
            LoggedPlugin(environment: world.environment) { ECSBridge(environment: world.environment, log: $0) }
        case ECSIPAM.name:
            LoggedPlugin(environment: world.environment) { ECSIPAM(environment: world.environment, log: $0) }
        default: nil
        }
    }
}
