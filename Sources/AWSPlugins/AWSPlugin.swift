// SPDX-License-Identifier: Apache-2.0

package import CNI

/// A plugin that stands in for one of AWS's: the same name, keys, environment, options and error texts, and no daemon.
package protocol AWSPlugin: CNIPlugin {
    static var origin: AWSOrigin { get }
    /// Where the original writes its log when its environment does not say.
    static var defaultLogFile: String { get }
    /// Whether the original reads `CNI_ARGS`.
    static var readsArguments: Bool { get }
    /// Whether it does anything in the container's namespace.
    static var readsNamespace: Bool { get }
}

/// Which of AWS's two projects a plugin stands in for. They tell their versions, and are told where to log, each in a
/// way of its own.
package enum AWSOrigin: Sendable {
    /// amazon-ecs-cni-plugins
    case ecs
    /// amazon-vpc-cni-plugins
    case vpc
}

extension AWSPlugin {
    package static var readsArguments: Bool { false }
    package static var readsNamespace: Bool { true }

    /// The ECS agent calls by an older specification: a DEL without a container id, a configuration without a name. And
    /// a DEL is not to fail for what a runtime, that has lost its way, puts into its variables.
    package var rules: RequestRules {
        var rules = RequestRules.specification
        rules.requiresContainerID = false
        rules.requiresName = [.gc]
        rules.requiresPath = false
        if !Self.readsArguments { rules.readsArguments = [] }
        rules.readsNamespace = Self.readsNamespace
        rules.forgives = [.del]
        return rules
    }

    package func answer(option: String, programVersion: String) -> String? {
        switch option {
        case "--version": Self.origin.version(programVersion)
        case "--capabilities": #"{"capabilities":["awsvpc-network-mode"]}"#
        default: nil
        }
    }
}

extension AWSOrigin {
    /// The shapes are those that callers decode. There is no commit of AWS's and no date to tell; the ECS agent registers
    /// `<gitShortHash>-<version>` as an attribute of its instance, by which it can then be seen whose plugins these are.
    fileprivate func version(_ version: String) -> String {
        switch self {
        case .ecs: #"{"version":"\#(version)","dirty":false,"gitShortHash":"tasknet"}"#
        case .vpc: #"{"version":"\#(version)","gitShortHash":"tasknet","built":""}"#
        }
    }
}
