// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// An elastic network interface (ENI): what a task is on its network.
package struct NetworkInterface: Hashable, Sendable, Codable {
    /// One of the ENI's addresses.
    package struct AssignedAddress<Address: AddressText>: Hashable, Sendable, Codable {
        package var address: Address
        package var primary: Bool

        package init(address: Address, primary: Bool) {
            self.address = address
            self.primary = primary
        }
    }

    /// How the ENI is connected to the host.
    package enum Association: Hashable, Sendable, Codable {
        /// An interface of its own.
        case `default`
        /// A branch of the trunk interface with this MAC address.
        case vlan(id: Int, trunkMAC: MACAddress)
    }

    /// `eni-` and 8 to 17 hexadecimal digits.
    package var id: String
    /// A UUID.
    package var attachmentID: String
    /// 0 is the task's primary interface (`eth0`).
    package var index: Int
    package var macAddress: MACAddress
    package var ipv4Addresses: [AssignedAddress<IPv4Address>]
    package var ipv6Addresses: [AssignedAddress<IPv6Address>]
    package var subnetID: String?
    /// The IPv4 router with the subnet's prefix length.
    package var subnetGatewayIPv4: InterfaceAddress?
    package var subnetGatewayIPv6: IPv6Address?
    /// Where names without a dot are searched.
    package var domainNames: [String]
    package var domainNameServers: [IPAddress]
    package var privateDNSName: String?
    package var association: Association
    /// The ids of its security groups, 1 to 5; nil for an ENI of before there were any.
    package var securityGroupIDs: [String]?

    package init(
        id: String, attachmentID: String, index: Int = 0, macAddress: MACAddress,
        ipv4Addresses: [AssignedAddress<IPv4Address>] = [], ipv6Addresses: [AssignedAddress<IPv6Address>] = [],
        subnetID: String? = nil, subnetGatewayIPv4: InterfaceAddress? = nil, subnetGatewayIPv6: IPv6Address? = nil,
        domainNames: [String] = [], domainNameServers: [IPAddress] = [], privateDNSName: String? = nil,
        association: Association = .default, securityGroupIDs: [String]? = nil
    ) {
        self.id = id
        self.attachmentID = attachmentID
        self.index = index
        self.macAddress = macAddress
        self.ipv4Addresses = ipv4Addresses
        self.ipv6Addresses = ipv6Addresses
        self.subnetID = subnetID
        self.subnetGatewayIPv4 = subnetGatewayIPv4
        self.subnetGatewayIPv6 = subnetGatewayIPv6
        self.domainNames = domainNames
        self.domainNameServers = domainNameServers
        self.privateDNSName = privateDNSName
        self.association = association
        self.securityGroupIDs = securityGroupIDs
    }

    package var primaryIPv4: IPv4Address? { (ipv4Addresses.first { $0.primary } ?? ipv4Addresses.first)?.address }
    package var primaryIPv6: IPv6Address? { (ipv6Addresses.first { $0.primary } ?? ipv6Addresses.first)?.address }

    /// All addresses, the primary ones of each family first.
    package var addresses: [IPAddress] {
        ipv4Addresses.filter(\.primary).map { .v4($0.address) }
            + ipv4Addresses.filter { !$0.primary }.map { .v4($0.address) }
            + ipv6Addresses.filter(\.primary).map { .v6($0.address) }
            + ipv6Addresses.filter { !$0.primary }.map { .v6($0.address) }
    }

    /// The block of the IPv4 subnet, as far as the gateway's prefix length tells it.
    package var ipv4SubnetCIDRBlock: IPv4CIDRBlock? {
        guard let gateway = subnetGatewayIPv4, let address = gateway.address.v4 else { return nil }
        return IPv4CIDRBlock(containing: address, prefixLength: gateway.prefixLength)
    }
}
