// SPDX-License-Identifier: Apache-2.0
package import Addressing
package import VPC

/// What somebody wants for a task: the planner turns it into a plan.
package struct TaskNetworkRequest: Hashable, Sendable, Codable {
    package var taskID: String
    /// Where the task's network namespace is bound.
    package var namespacePath: AbsolutePath
    /// Whether the namespace is made, and goes with the task's network. False when it is somebody else's: a container
    /// runtime's, or a running task's that one more ENI is attached to.
    package var ownsNamespace: Bool
    package var hostname: String
    package var interfaces: [InterfaceRequest]
    /// Keeps the task away from the host's instance metadata service (`ECS_AWSVPC_BLOCK_IMDS`).
    package var blocksInstanceMetadata: Bool
    /// Addresses on the task's `lo` that the daemon answers at: requests to them never leave the task's namespace,
    /// also when nobody listens yet.
    package var endpointAddresses: [IPv4Address]
    /// Networks that are reached by way of the host even when the task's default route is not
    /// (`ECS_AWSVPC_ADDITIONAL_LOCAL_ROUTES`).
    package var additionalLocalRoutes: [CIDRBlock]
    /// Where `hosts`, `resolv.conf` and `hostname` are written; nowhere when nil.
    package var filesDirectory: AbsolutePath?

    package init(
        taskID: String, namespacePath: AbsolutePath, ownsNamespace: Bool = true, hostname: String,
        interfaces: [InterfaceRequest], blocksInstanceMetadata: Bool = false,
        endpointAddresses: [IPv4Address] = Self.standardEndpointAddresses, additionalLocalRoutes: [CIDRBlock] = [],
        filesDirectory: AbsolutePath? = nil
    ) {
        self.taskID = taskID
        self.namespacePath = namespacePath
        self.ownsNamespace = ownsNamespace
        self.hostname = hostname
        self.interfaces = interfaces
        self.blocksInstanceMetadata = blocksInstanceMetadata
        self.endpointAddresses = endpointAddresses
        self.additionalLocalRoutes = additionalLocalRoutes
        self.filesDirectory = filesDirectory
    }

    /// 169.254.170.2, credentials and metadata; 169.254.169.253, DNS.
    package static let standardEndpointAddresses = [
        IPv4Address(rawValue: 0xa9fe_aa02), IPv4Address(rawValue: 0xa9fe_a9fd),
    ]
}

/// One ENI of a task, and how it comes in.
package struct InterfaceRequest: Hashable, Sendable, Codable {
    package var networkInterface: NetworkInterface
    package var attachment: AttachmentKind
    /// In bytes; nil for the host uplink's.
    package var mtu: Int?
    /// Its place among the task's interfaces: 0 is the primary one, with the default route; a later one gets a routing
    /// table of its own. Nil: by the ENIs' indexes. To be given when one more is attached to a running task.
    package var position: Int?
    /// Its name in the task; nil for "eth" and the position.
    package var name: InterfaceName?
    /// The link group of a veth's end on the host, by which the firewall knows its security groups; nil for none. The
    /// corresponding C constant is `IFLA_GROUP`.
    package var linkGroup: UInt32?

    package init(
        networkInterface: NetworkInterface, attachment: AttachmentKind, mtu: Int? = nil, position: Int? = nil,
        name: InterfaceName? = nil, linkGroup: UInt32? = nil
    ) {
        self.networkInterface = networkInterface
        self.attachment = attachment
        self.mtu = mtu
        self.position = position
        self.name = name
        self.linkGroup = linkGroup
    }
}
