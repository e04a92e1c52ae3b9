// SPDX-License-Identifier: Apache-2.0

package import CNI
import JSON

/// A plugin that stands in for one of AWS's: the same name, keys, environment, options and error texts, and no daemon.
package protocol AWSPlugin: CNIPlugin {}

extension AWSPlugin {
    /// The ECS agent calls by an older specification: a DEL without a container id, a configuration without a name.
    package var rules: RequestRules {
        var rules = RequestRules.specification
        rules.requiresContainerID = false
        rules.requiresName = false
        rules.requiresPath = false
        return rules
    }

    package func answer(option: String, programVersion: String) -> String? {
        switch option {
        // There is no tree and no commit to tell: the program is tasknet's.
        case "--version": #"{"version":"\#(programVersion)","dirty":"","gitShortHash":""}"#
        case "--capabilities": #"{"capabilities":["awsvpc-network-mode"]}"#
        default: nil
        }
    }
}
