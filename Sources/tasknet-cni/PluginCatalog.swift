// SPDX-License-Identifier: Apache-2.0

import CNI
import TasknetPlugin

/// The plugins that the program is.
enum PluginCatalog {
    static let names = [TasknetPlugin.name]

    static func plugin(named name: String, in world: PluginWorld) -> (any CNIPlugin)? {
        switch name {
        case TasknetPlugin.name: TasknetPlugin(environment: world.environment)
        default: nil
        }
    }
}
