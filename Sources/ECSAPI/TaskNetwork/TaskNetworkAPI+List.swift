// SPDX-License-Identifier: Apache-2.0
import Addressing
package import VPC

/// A security group that an ENI is in.
package struct GroupIdentifier: Hashable, Sendable, Codable {
    package var groupId: String
    package var groupName: String?

    package init(groupId: String, groupName: String?) {
        self.groupId = groupId
        self.groupName = groupName
    }
}

/// What the host dropped of an ENI's packets, and why.
package struct DropCounters: Hashable, Sendable, Codable {
    package struct Counter: Hashable, Sendable, Codable {
        package var packets: UInt64
        package var bytes: UInt64

        package init(packets: UInt64 = 0, bytes: UInt64 = 0) {
            self.packets = packets
            self.bytes = bytes
        }
    }

    /// Sent with an address that is not the ENI's.
    package var spoofed: Counter?
    /// To the instance metadata service.
    package var instanceMetadata: Counter?
    /// Sent, and no rule of its groups let it through.
    package var deniedEgress: Counter?
    /// Sent to it, and no rule of its groups let it through.
    package var deniedIngress: Counter?
    /// Refused by its subnet's route.
    package var noRoute: Counter?

    package init() {}

    /// The packets of all.
    package var packets: UInt64 {
        [spoofed, instanceMetadata, deniedEgress, deniedIngress, noRoute].reduce(0) { $0 &+ ($1?.packets ?? 0) }
    }
}

/// An ENI of a task, or of a sandbox, as it is listed.
package struct NetworkInterfaceDescription: Hashable, Sendable, Codable {
    package var networkInterfaceId: String
    package var attachmentId: String
    package var attachmentArn: String?
    package var status: AttachmentStatus?
    package var taskArn: String?
    package var clusterArn: String?
    /// `veth`, `device`, ...
    package var interfaceType: ElasticNetworkInterface.InterfaceType?
    package var index: Int
    /// Its name in the task: `eth0`.
    package var interfaceName: String?
    /// What the host has of it.
    package var hostInterfaceName: String?
    package var macAddress: String
    package var subnetId: String?
    package var privateIpv4Addresses: [String]
    package var ipv6Addresses: [String]
    package var privateDnsName: String?
    package var mtu: Int?
    /// Whose it is, where it is in a network namespace of somebody else's runtime.
    package var sandbox: SandboxDescription?
    package var securityGroups: [GroupIdentifier]?
    /// Whether its groups are enforced: its packets cross the host's stack (`veth`).
    package var enforced: Bool?
    /// Missing where the kernel was not asked, or where nothing is enforced.
    package var drops: DropCounters?

    package init(_ eni: NetworkInterface, status: AttachmentStatus, taskArn: String? = nil) {
        networkInterfaceId = eni.id
        attachmentId = eni.attachmentID
        self.status = status
        self.taskArn = taskArn
        index = eni.index
        macAddress = eni.macAddress.description
        subnetId = eni.subnetID
        privateIpv4Addresses = eni.addresses.compactMap { $0.v4?.description }
        ipv6Addresses = eni.addresses.compactMap { $0.v6?.description }
        privateDnsName = eni.privateDNSName
    }
}

/// A subnet as it is listed.
package struct SubnetDescription: Hashable, Sendable, Codable {
    /// An address that no ENI gets.
    package struct ReservedAddress: Hashable, Sendable, Codable {
        package var address: String
        /// What it is kept for: "the router's address".
        package var purpose: String

        package init(address: String, purpose: String) {
            self.address = address
            self.purpose = purpose
        }
    }

    package var subnetId: String
    package var name: String
    package var vpcId: String?
    package var availabilityZone: String?
    package var cidrBlock: String?
    package var ipv6CidrBlock: String?
    package var gatewayIpv4Address: String?
    package var gatewayIpv6Address: String?
    /// Free addresses; nil without a block of the family.
    package var availableIpAddressCount: UInt64?
    package var availableIpv6AddressCount: UInt64?
    package var networkInterfaceCount: Int?
    /// `nat`, `none` or `public`.
    package var route: String?
    /// Addresses that ENIs can have, in use or not; 2^64-1 stands for that many or more.
    package var usableIpAddressCount: UInt64?
    package var usableIpv6AddressCount: UInt64?
    package var reservedIpAddresses: [ReservedAddress]?
    /// The addresses that the next ENI gets, unless it asks for others.
    package var nextIpAddress: String?
    package var nextIpv6Address: String?

    package init(_ subnet: Subnet, freeIPv4: UInt64? = nil, freeIPv6: UInt64? = nil, networkInterfaceCount: Int? = nil)
    {
        subnetId = subnet.id
        name = subnet.name
        vpcId = subnet.vpcID
        availabilityZone = subnet.availabilityZone.isEmpty ? nil : subnet.availabilityZone
        cidrBlock = subnet.ipv4CIDRBlock?.description
        ipv6CidrBlock = subnet.ipv6CIDRBlock?.description
        gatewayIpv4Address = subnet.gatewayIPv4?.address.description
        gatewayIpv6Address = subnet.gatewayIPv6?.description
        availableIpAddressCount = freeIPv4
        availableIpv6AddressCount = freeIPv6
        self.networkInterfaceCount = networkInterfaceCount
        route = subnet.route.rawValue
        usableIpAddressCount = AddressPool(.v4, of: subnet)?.freeCount
        usableIpv6AddressCount = AddressPool(.v6, of: subnet)?.freeCount
        reservedIpAddresses = subnet.reservedAddresses.map {
            ReservedAddress(address: $0.address.description, purpose: $0.purpose.rawValue)
        }
    }
}

extension TaskNetworkAPI {
    /// Lists the ENIs of tasks that have not stopped, and of sandboxes.
    package enum ListNetworkInterfaces: APIOperation {
        package static let target = "\(APITarget.taskNetwork).ListNetworkInterfaces"

        package struct Input: Hashable, Sendable, Codable {
            package var cluster: String?
            /// Ids or ARNs; nil means all.
            package var tasks: [String]?
            package var subnetId: String?
            package var nextToken: String?
            package var maxResults: Int?

            package init(cluster: String? = nil, tasks: [String]? = nil) {
                self.cluster = cluster
                self.tasks = tasks
            }

            package func validate() throws(ValidationFailure) { try PageSize.validate(maxResults) }
        }

        package struct Output: Hashable, Sendable, Codable {
            package var networkInterfaces: [NetworkInterfaceDescription]?
            package var nextToken: String?

            package init(networkInterfaces: [NetworkInterfaceDescription], nextToken: String? = nil) {
                self.networkInterfaces = networkInterfaces
                self.nextToken = nextToken
            }
        }
    }

    /// Lists the subnets of the configuration with their free addresses.
    package enum ListSubnets: APIOperation {
        package static let target = "\(APITarget.taskNetwork).ListSubnets"

        package struct Input: Hashable, Sendable, Codable {
            /// Ids or names; nil means all.
            package var subnets: [String]?

            package init(subnets: [String]? = nil) { self.subnets = subnets }
        }

        package struct Output: Hashable, Sendable, Codable {
            package var subnets: [SubnetDescription]?

            package init(subnets: [SubnetDescription]) { self.subnets = subnets }
        }
    }
}
