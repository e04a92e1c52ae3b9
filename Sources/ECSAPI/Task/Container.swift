// SPDX-License-Identifier: Apache-2.0
import Addressing
package import TaskDefinitions
package import VPC

/// A container of a task as the API describes it.
package struct Container: Hashable, Sendable, Codable {
    /// A port of the host that leads to the container; none in `awsvpc` mode.
    package struct NetworkBinding: Hashable, Sendable, Codable {
        package var bindIP: String?
        package var containerPort: Int?
        package var hostPort: Int?
        package var `protocol`: TransportProtocol?
        package var containerPortRange: String?
        package var hostPortRange: String?
    }

    /// The ENI that the container uses: its task's. `NetworkInterface` of the ECS API.
    package struct NetworkInterface: Hashable, Sendable, Codable {
        package var attachmentId: String?
        package var privateIpv4Address: String?
        package var ipv6Address: String?

        package init(_ eni: VPC.NetworkInterface) {
            attachmentId = eni.attachmentID
            privateIpv4Address = eni.primaryIPv4?.description
            ipv6Address = eni.primaryIPv6?.description
        }
    }

    package struct ManagedAgent: Hashable, Sendable, Codable {
        package var lastStartedAt: Timestamp?
        package var name: String?
        package var reason: String?
        package var lastStatus: String?
    }

    package var containerArn: String?
    package var taskArn: String?
    package var name: String
    package var image: String?
    package var imageDigest: String?
    package var runtimeId: String?
    package var lastStatus: ContainerStatus?
    package var exitCode: Int?
    package var reason: String?
    package var networkBindings: [NetworkBinding]?
    package var networkInterfaces: [NetworkInterface]?
    package var healthStatus: HealthStatus?
    package var managedAgents: [ManagedAgent]?
    package var cpu: String?
    package var memory: String?
    package var memoryReservation: String?
    package var gpuIds: [String]?

    package init(name: String) { self.name = name }

    /// A container that is about to be started, in a task with these ENIs.
    package init(_ definition: ContainerDefinition, taskArn: String, containerArn: String, enis: [VPC.NetworkInterface])
    {
        name = definition.name
        image = definition.image
        self.taskArn = taskArn
        self.containerArn = containerArn
        lastStatus = .pending
        healthStatus = .unknown
        networkBindings = []
        networkInterfaces = enis.map(NetworkInterface.init)
        cpu = "\(definition.cpu ?? 0)"
        memory = definition.memory.map(String.init)
        memoryReservation = definition.memoryReservation.map(String.init)
    }
}
