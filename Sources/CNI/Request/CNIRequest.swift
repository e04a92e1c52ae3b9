// SPDX-License-Identifier: Apache-2.0

/// What a runtime asks for, read and checked.
package struct CNIRequest: Sendable {
    package var command: CNICommand
    /// `CNI_CONTAINERID`; empty where the command is about no container.
    package var containerID: String
    /// `CNI_NETNS`, a path; empty where the runtime has none any more (DEL).
    package var networkNamespace: String
    /// `CNI_IFNAME`.
    package var interfaceName: String
    /// `CNI_ARGS`.
    package var arguments: CNIArguments
    /// `CNI_PATH`: where delegated plugins are.
    package var path: [String]
    package var configuration: NetworkConfiguration

    /// The version that the answer is written in.
    package var version: CNIVersion { configuration.version }
}
