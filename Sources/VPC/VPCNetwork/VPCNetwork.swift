// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// A VPC with all that decides who reaches whom: the model that the kernel's rules are made from and that explanations
/// walk.
package struct VPCNetwork: Sendable {
    /// An ENI, as far as others see it.
    package struct Endpoint: Hashable, Sendable {
        package var networkInterfaceID: String
        /// Also its link-local ones, if it is to be known by them.
        package var addresses: [IPAddress]
        package var securityGroupIDs: [String]
        package var subnetID: String?
        /// Whether its packets cross the host's stack, where groups are enforced: a `veth`. The addresses of others are
        /// members of their groups all the same.
        package var isEnforced: Bool

        package init(
            networkInterfaceID: String, addresses: [IPAddress], securityGroupIDs: [String], subnetID: String?,
            isEnforced: Bool = true
        ) {
            self.networkInterfaceID = networkInterfaceID
            self.addresses = addresses
            self.securityGroupIDs = securityGroupIDs
            self.subnetID = subnetID
            self.isEnforced = isEnforced
        }
    }

    /// The host, which is in the VPC too.
    package struct Host: Hashable, Sendable {
        /// The subnets' gateway addresses: members of its groups.
        package var addresses: [IPAddress]
        /// What else it is reached at: its groups judge that too, but these addresses are no members of theirs.
        package var otherAddresses: [IPAddress]
        package var securityGroupIDs: [String]

        package init(
            addresses: [IPAddress] = [], otherAddresses: [IPAddress] = [], securityGroupIDs: [String] = []
        ) {
            self.addresses = addresses
            self.otherAddresses = otherAddresses
            self.securityGroupIDs = securityGroupIDs
        }
    }

    package let cidrBlocks: [CIDRBlock]
    package let subnets: [Subnet]
    package let securityGroups: [SecurityGroup]
    package let prefixLists: [PrefixList]
    package let endpoints: [Endpoint]
    package let host: Host
    /// Whether tasks are kept from `InstanceMetadata.addresses`.
    package let blocksInstanceMetadata: Bool

    // Found by what they are asked for: a verdict costs the same with 2,000 ENIs as with 10.
    let subnetsByID: [String: Subnet]
    let groupsByID: [String: SecurityGroup]
    let prefixListsByID: [String: PrefixList]
    let ownersByAddress: [IPAddress: Owner]
    /// The groups that each address is a member of.
    let membershipsByAddress: [IPAddress: Set<String>]

    /// Whose an address is.
    enum Owner: Hashable, Sendable {
        case endpoint(Int)
        case host
    }

    /// Of what is there twice the first counts; `validate` refuses such a network.
    package init(
        cidrBlocks: [CIDRBlock] = [], subnets: [Subnet], securityGroups: [SecurityGroup],
        prefixLists: [PrefixList] = [], endpoints: [Endpoint] = [], host: Host = Host(),
        blocksInstanceMetadata: Bool = false
    ) {
        self.cidrBlocks = cidrBlocks
        self.subnets = subnets
        self.securityGroups = securityGroups
        self.prefixLists = prefixLists
        self.endpoints = endpoints
        self.host = host
        self.blocksInstanceMetadata = blocksInstanceMetadata
        subnetsByID = Dictionary(subnets.map { ($0.id, $0) }) { first, _ in first }
        groupsByID = Dictionary(securityGroups.map { ($0.id, $0) }) { first, _ in first }
        prefixListsByID = Dictionary(prefixLists.map { ($0.id, $0) }) { first, _ in first }
        var owners: [IPAddress: Owner] = [:]
        var memberships: [IPAddress: Set<String>] = [:]
        for (index, endpoint) in endpoints.enumerated() {
            for address in endpoint.addresses {
                if owners[address] == nil { owners[address] = .endpoint(index) }
                memberships[address, default: []].formUnion(endpoint.securityGroupIDs)
            }
        }
        for address in host.addresses + host.otherAddresses where owners[address] == nil { owners[address] = .host }
        for address in host.addresses { memberships[address, default: []].formUnion(host.securityGroupIDs) }
        ownersByAddress = owners
        membershipsByAddress = memberships
    }
}

extension VPCNetwork {
    /// Whether `address` is one of a rule's peer.
    package func isPeer(_ peer: SecurityGroupRule.Peer, _ address: IPAddress) -> Bool {
        switch peer {
        case .ipv4, .ipv6: peer.contains(address) ?? false
        case .group(let id): membershipsByAddress[address]?.contains(id) ?? false
        case .prefixList(let id): prefixListsByID[id]?.entries.contains { $0.block.contains(address) } ?? false
        }
    }

    /// The addresses of a group's members, each once, those of ENIs before the host's.
    package func members(ofGroup id: String) -> [IPAddress] {
        var seen: Set<IPAddress> = []
        let interfaces = endpoints.filter { $0.securityGroupIDs.contains(id) }.flatMap(\.addresses)
        let own = host.securityGroupIDs.contains(id) ? host.addresses : []
        return (interfaces + own).filter { seen.insert($0).inserted }
    }
}

/// EC2's instance metadata service, which tells whoever asks the credentials of the host.
package enum InstanceMetadata {
    /// 169.254.169.254 and fd00:ec2::254
    package static let addresses: [IPAddress] = [ipv4, ipv6]
    package static let ipv4 = IPAddress.v4(IPv4Address(rawValue: 0xA9FE_A9FE))
    package static let ipv6 = IPAddress.v6(IPv6Address(high: 0xFD00_0EC2 << 32, low: 0x254))
}
