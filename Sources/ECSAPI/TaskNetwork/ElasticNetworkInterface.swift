// SPDX-License-Identifier: Apache-2.0
package import VPC

/// An ENI in the shape that ECS tells its agents of one (the attachment message).
package struct ElasticNetworkInterface: Hashable, Sendable, Codable {
    package struct IPv4Assignment: Hashable, Sendable, Codable {
        package var primary: Bool?
        package var privateAddress: String?

        package init(primary: Bool?, privateAddress: String?) {
            self.primary = primary
            self.privateAddress = privateAddress
        }
    }

    package struct IPv6Assignment: Hashable, Sendable, Codable {
        package var primary: Bool?
        package var address: String?

        package init(primary: Bool? = nil, address: String?) {
            self.primary = primary
            self.address = address
        }
    }

    package struct VLANProperties: Hashable, Sendable, Codable {
        package var vlanId: String?
        package var trunkInterfaceMacAddress: String?

        package init(vlanId: String?, trunkInterfaceMacAddress: String?) {
            self.vlanId = vlanId
            self.trunkInterfaceMacAddress = trunkInterfaceMacAddress
        }
    }

    /// What the ENI is in the kernel.
    package enum InterfaceType: String, APIEnumeration {
        case device, veth, branch, macvlan, ipvlan, dummy

        package static var noun: String { "interface type" }
        package static var failureKind: ValidationFailure.Kind { .invalidParameter }
    }

    package var attachmentArn: String?
    package var ec2Id: String?
    package var macAddress: String?
    package var index: Int?
    /// The interface's name on the host, if its sender knows it. The device is found by its MAC address.
    package var name: String?
    package var ipv4Addresses: [IPv4Assignment]?
    package var ipv6Addresses: [IPv6Assignment]?
    /// With the subnet's prefix length: `10.0.4.1/24`.
    package var subnetGatewayIpv4Address: String?
    package var subnetGatewayIpv6Address: String?
    package var domainName: [String]?
    package var domainNameServers: [String]?
    package var privateDnsName: String?
    /// `default` or `vlan`; nil means `default`.
    package var interfaceAssociationProtocol: String?
    package var interfaceVlanProperties: VLANProperties?

    // Ours, not ECS's: what the message's sender cannot say.

    /// nil means `branch` for `vlan` and `device` otherwise: what ECS sends is a device that is there or will appear.
    package var interfaceType: InterfaceType?
    /// The host's interface that a `macvlan` or `ipvlan` is made on.
    package var parentInterface: String?
    /// Bytes; nil means the host uplink's.
    package var mtu: Int?
    /// The subnet that the addresses are taken from, by id or name; nil when it is not one of ours. With one of ours the rest
    /// may be left out: addresses, gateway, name servers, and for what is made here also the id and the MAC address.
    package var subnetId: String?
    /// By id or name; nil means the `default` group.
    package var securityGroups: [String]?
    /// `ipv4Addresses` in short: the first is the primary one.
    package var privateIpv4Addresses: [String]?
    /// How many more IPv4 addresses of the subnet the ENI gets. EC2's member of the same name.
    package var secondaryPrivateIpAddressCount: Int?

    package init(ec2Id: String? = nil, macAddress: String? = nil) {
        self.ec2Id = ec2Id
        self.macAddress = macAddress
    }

    /// The kind that applies where none is given.
    package var effectiveInterfaceType: InterfaceType {
        interfaceType ?? (interfaceAssociationProtocol == "vlan" ? .branch : .device)
    }
}
