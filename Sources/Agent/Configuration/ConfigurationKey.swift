// SPDX-License-Identifier: Apache-2.0

/// Every key of the configuration, by its path in the file.
///
/// The environment has each under `TASKNET_` and the path in capitals: `controlSocket.path` is
/// `TASKNET_CONTROL_SOCKET_PATH`.
package enum ConfigurationKey: String, CaseIterable, Sendable {
    case cluster
    case region
    case accountID = "accountId"
    case availabilityZone
    case stateDirectory
    case runtimeDirectory
    case namespaceDirectory
    case controlSocketPath = "controlSocket.path"
    case controlSocketGroup = "controlSocket.group"
    case controlSocketMode = "controlSocket.mode"
    case pauseExecutable
    case logLevel
    case blockInstanceMetadata
    case additionalLocalRoutes
    case mtu
    case interfaceType
    case parentInterface
    case containerStopTimeout
    case taskCleanupWait
    case eventRetention
    case maximumEvents
    case reservedPorts
    case instanceAttributes
    case dnsServers = "dns.servers"
    case dnsSearchDomains = "dns.searchDomains"
    case dnsDomain = "dns.domain"
    case vpcID = "vpc.id"
    case vpcCIDRBlocks = "vpc.cidrBlocks"
    case subnets
    case prefixLists
    case securityGroups
    case hostSecurityGroups
    case securityGroupsPerInterface
    case rulesPerSecurityGroup
    case endRevokedConnections
    case manageForwarding
    case reconcileInterval
    case warmPoolMinimum = "warmPool.minimum"
    case warmPoolMaximum = "warmPool.maximum"
    case images
}

extension ConfigurationKey {
    /// What a key's value looks like.
    enum Shape {
        case scalar
        case list
        /// A mapping from names that the user chooses.
        case dictionary
        /// A list of mappings.
        case structures
    }

    var shape: Shape {
        switch self {
        case .additionalLocalRoutes, .reservedPorts, .dnsServers, .dnsSearchDomains, .vpcCIDRBlocks,
            .hostSecurityGroups:
            .list
        case .instanceAttributes, .images: .dictionary
        case .subnets, .prefixLists, .securityGroups: .structures
        default: .scalar
        }
    }

    var path: [String] { rawValue.split(separator: ".").map(String.init) }

    /// The variable by which the ECS agent knows the same thing.
    var ecsVariable: String? {
        switch self {
        case .cluster: "ECS_CLUSTER"
        case .region: "AWS_DEFAULT_REGION"
        case .stateDirectory: "ECS_DATADIR"
        case .logLevel: "ECS_LOGLEVEL"
        case .blockInstanceMetadata: "ECS_AWSVPC_BLOCK_IMDS"
        case .additionalLocalRoutes: "ECS_AWSVPC_ADDITIONAL_LOCAL_ROUTES"
        case .containerStopTimeout: "ECS_CONTAINER_STOP_TIMEOUT"
        case .taskCleanupWait: "ECS_ENGINE_TASK_CLEANUP_WAIT_DURATION"
        case .reservedPorts: "ECS_RESERVED_PORTS"
        case .instanceAttributes: "ECS_INSTANCE_ATTRIBUTES"
        default: nil
        }
    }

    /// Whether a running daemon can take a new value (for what it does from then on).
    var appliesLive: Bool {
        switch self {
        case .cluster, .region, .accountID, .stateDirectory, .runtimeDirectory, .namespaceDirectory,
            .controlSocketPath, .controlSocketGroup, .controlSocketMode, .vpcID:
            false
        default: true
        }
    }
}
