// SPDX-License-Identifier: Apache-2.0
package import TaskNetworking

/// A namespace of somebody else's runtime that an ENI is in, and what CNI calls it there.
package struct SandboxRecord: Codable, Sendable, Equatable {
    /// What CNI calls an attachment: one ENI.
    package struct Key: Codable, Hashable, Sendable, CustomStringConvertible {
        package var network: String
        package var containerID: String
        package var interfaceName: String

        package init(network: String, containerID: String, interfaceName: String) {
            self.network = network
            self.containerID = containerID
            self.interfaceName = interfaceName
        }

        package var description: String { "\(interfaceName) of container \(containerID) in network \(network)" }
    }

    package var key: Key
    /// Where it was when the ENI came. By now something else may be there.
    package var path: AbsolutePath
    package var namespace: Sandbox.Identity
    package var podNamespace: String?
    package var podName: String?

    package init(
        key: Key, path: AbsolutePath, namespace: Sandbox.Identity, podNamespace: String? = nil, podName: String? = nil
    ) {
        self.key = key
        self.path = path
        self.namespace = namespace
        self.podNamespace = podNamespace
        self.podName = podName
    }
}
