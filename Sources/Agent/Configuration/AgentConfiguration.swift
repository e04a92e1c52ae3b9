// SPDX-License-Identifier: Apache-2.0
package import Addressing
package import Logging
package import SystemPackage
package import VPC

/// What the daemon is told from outside: a file, the environment and the command line, checked as a whole.
///
/// The untouched value is a working configuration: one VPC with one subnet, 10.64.1.0/24.
package struct AgentConfiguration: Sendable, Equatable {
    /// The name of the one cluster that this daemon is (`ECS_CLUSTER`).
    package var cluster = "default"
    /// The region in ARNs (`AWS_DEFAULT_REGION`).
    package var region = "us-east-1"
    /// The account in ARNs, 12 digits.
    package var accountID = "000000000000"
    /// The zone of subnets that name none; the region's first one when nil.
    package var availabilityZoneName: String?

    /// What outlives a reboot: the database, logs (`ECS_DATADIR`).
    package var stateDirectory: FilePath = "/var/lib/tasknet"
    /// What a reboot ends: sockets.
    package var runtimeDirectory: FilePath = "/run/tasknet"
    /// Where the tasks' network namespaces are bound.
    package var namespaceDirectory: FilePath = "/run/netns"
    package var controlSocket = ControlSocketSettings()
    /// The pause process's program; the one beside the daemon's own when nil.
    package var pauseExecutable: FilePath?

    /// `ECS_LOGLEVEL`.
    package var logLevel: Logger.Level = .info

    /// Whether tasks are kept from the instance's own metadata, 169.254.169.254 (`ECS_AWSVPC_BLOCK_IMDS`).
    package var blockInstanceMetadata = false
    /// Destinations that tasks reach by the host and not by the subnet's gateway
    /// (`ECS_AWSVPC_ADDITIONAL_LOCAL_ROUTES`).
    package var additionalLocalRoutes: [CIDRBlock] = []
    /// Of every ENI, in bytes; the host uplink's when nil.
    package var mtu: Int?
    /// What an ENI that the daemon makes itself is in the kernel.
    package var interfaceType = InterfaceType.veth
    /// The NIC under a macvlan or ipvlan.
    package var parentInterface: String?

    /// Between SIGTERM and SIGKILL, where the container names none (`ECS_CONTAINER_STOP_TIMEOUT`).
    package var containerStopTimeout: Duration = .seconds(30)
    /// How long a stopped task stays describable (`ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION`).
    package var taskCleanupWait: Duration = .seconds(3 * 60 * 60)
    /// How long an event stays in the list.
    package var eventRetention: Duration = .seconds(3 * 60 * 60)
    /// The most events that are kept, however young.
    package var maximumEvents = EventFeed.defaultMaximum
    /// Host ports that no task gets (`ECS_RESERVED_PORTS`). Without effect: in `awsvpc` mode none takes one.
    package var reservedPorts: [UInt16] = []
    /// The container instance's attributes (`ECS_INSTANCE_ATTRIBUTES`). Without effect so far.
    package var instanceAttributes: [String: String] = [:]

    package var dns = DNSSettings()
    package var vpc = VPCSettings()
    package var subnets: [Subnet] = []
    /// What rules of security groups can name instead of blocks.
    package var prefixLists: [PrefixList] = []
    /// The VPC's `default` group and those that the file adds, with ids in the place of names. More are made by the API.
    package var securityGroups: [SecurityGroup] = []
    /// Whether the file has the group `default`. Where it has not, that is the API's to change.
    package var givesDefaultGroup = false
    /// The ids of the groups that the host itself is in, for what it sends to tasks and they to it.
    package var hostSecurityGroupIDs: [String] = []
    /// The most groups that an ENI is in.
    package var securityGroupsPerInterface = 5
    /// The most rules that a group has in one direction.
    package var rulesPerSecurityGroup = 60
    /// Whether connections end that a change of the rules no longer allows. In AWS they live on.
    package var endsRevokedConnections = false
    /// Whether the daemon sees to it that the host forwards what its tasks send.
    package var managesForwarding = true
    /// How often everything is compared with the kernel without anything having happened; zero is never.
    package var reconcileInterval: Duration = .seconds(5 * 60)
    package var warmPool = WarmPoolSettings()
    /// Image name → absolute path of the directory that is its root file system.
    package var images: [String: FilePath] = [:]

    /// The name that stands for the host's own root in a container's `image` and is never in `images`.
    package static let hostImage = "host"

    package init() {
        subnets = defaultSubnets
        securityGroups = [defaultSecurityGroup]
        hostSecurityGroupIDs = [defaultSecurityGroup.id]
    }
}

/// Where the ECS API is served.
package struct ControlSocketSettings: Sendable, Equatable {
    /// `tasknet.sock` in the runtime directory when nil.
    package var path: FilePath?
    /// Whose members may call, beside root. A group that the host does not have is passed over.
    package var group = "tasknet"
    package var mode: FilePermissions = [.ownerReadWrite, .groupReadWrite]
}

/// What a task's resolver is given.
package struct DNSSettings: Sendable, Equatable {
    /// Asked in this order; the host's own when empty.
    package var servers: [IPAddress] = []
    package var searchDomains: [String] = []
    /// The domain of the ENIs' private names; AWS's for the region when nil.
    package var domain: String?
}

/// How many namespaces are ready before a task asks for one.
package struct WarmPoolSettings: Sendable, Equatable {
    /// When nobody has asked for a while; zero has each made when it is asked for.
    package var minimum = 4
    /// When many ask.
    package var maximum = 64
}

package struct VPCSettings: Sendable, Equatable {
    package var id = "vpc-0a400000100000000"
    /// Every subnet lies in one of these. Empty: the subnets' own blocks.
    package var cidrBlocks: [CIDRBlock] = []
}

/// The kinds of links that can be made for an ENI on this host. A device that exists, or a branch of a trunk, comes with
/// the ENI that is attached from outside.
package enum InterfaceType: String, Sendable, CaseIterable {
    case veth
    case dummy
    case macvlan
    case ipvlan

    var needsParent: Bool { self == .macvlan || self == .ipvlan }
}

extension AgentConfiguration {
    package var availabilityZone: String { availabilityZoneName ?? region + "a" }

    package var databasePath: FilePath { stateDirectory.appending("tasknet.db") }

    package var controlSocketPath: FilePath { controlSocket.path ?? runtimeDirectory.appending("tasknet.sock") }

    /// The domain of private DNS names: AWS has one of its own for its first region.
    package var privateDNSDomain: String {
        dns.domain ?? (region == "us-east-1" ? "ec2.internal" : "\(region).compute.internal")
    }

    /// Where a task keeps what outlives a reboot (logs).
    package func taskStateDirectory(_ taskID: String) -> FilePath {
        stateDirectory.appending("tasks").appending(taskID)
    }

    /// Where a task keeps its sockets and the files bound into its containers.
    package func taskRuntimeDirectory(_ taskID: String) -> FilePath {
        runtimeDirectory.appending("tasks").appending(taskID)
    }

    /// Where a task's network namespace is bound.
    package func namespacePath(_ taskID: String) -> FilePath { namespaceDirectory.appending(taskID) }

    package func subnet(id: String) -> Subnet? { subnets.first { $0.id == id } }
}
