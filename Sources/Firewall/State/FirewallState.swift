// SPDX-License-Identifier: Apache-2.0
package import Addressing
package import VPC

/// All that the firewall has to make true, as the model says it.
package struct FirewallState: Hashable, Sendable {
    /// The VPC's blocks: nobody outside is in them. The subnets' count too.
    package var vpcBlocks: [CIDRBlock]
    package var subnets: [Subnet]
    /// The host as somebody in the VPC.
    package var host: FirewallHost
    package var blocksInstanceMetadata: Bool
    package var securityGroups: [SecurityGroup]
    package var prefixLists: [PrefixList]
    /// ENIs with an end on the host, whose traffic is judged.
    package var interfaces: [FirewallInterface]
    /// ENIs that do not pass the host's stack: they count as members of their groups, and that is all.
    package var interfacesElsewhere: [FirewallMember]
    /// Interfaces whose forwarding of a family was switched on for the tasks, and which must forward nothing else of it.
    package var routersForTasks: [IPFamily: [String]]

    package init(
        vpcBlocks: [CIDRBlock] = [], subnets: [Subnet] = [], host: FirewallHost = FirewallHost(),
        blocksInstanceMetadata: Bool = false, securityGroups: [SecurityGroup] = [], prefixLists: [PrefixList] = [],
        interfaces: [FirewallInterface] = [], interfacesElsewhere: [FirewallMember] = [],
        routersForTasks: [IPFamily: [String]] = [:]
    ) {
        self.vpcBlocks = vpcBlocks
        self.subnets = subnets
        self.host = host
        self.blocksInstanceMetadata = blocksInstanceMetadata
        self.securityGroups = securityGroups
        self.prefixLists = prefixLists
        self.interfaces = interfaces
        self.interfacesElsewhere = interfacesElsewhere
        self.routersForTasks = routersForTasks
    }
}

/// The host as somebody in the VPC: the subnets' gateway.
package struct FirewallHost: Hashable, Sendable {
    /// What it sends from towards tasks: the gateway addresses of the subnets, `HostNetworkPlan`'s.
    package var addresses: [IPAddress]
    package var securityGroupIDs: [String]

    package init(addresses: [IPAddress] = [], securityGroupIDs: [String] = []) {
        self.addresses = addresses
        self.securityGroupIDs = securityGroupIDs
    }
}

/// An ENI as a member of its groups, wherever it is.
package struct FirewallMember: Hashable, Sendable {
    package var eniID: String
    package var addresses: [IPAddress]
    package var securityGroupIDs: [String]
    package var arrival: Arrival

    /// By which link of the host its packets come in, if they do: by another one they are forged.
    package enum Arrival: Hashable, Sendable {
        /// Nobody on this host knows where it is plugged in.
        case anywhere
        case link(String)
        case nowhere
    }

    package init(eniID: String, addresses: [IPAddress], securityGroupIDs: [String], arrival: Arrival = .anywhere) {
        self.eniID = eniID
        self.addresses = addresses
        self.securityGroupIDs = securityGroupIDs
        self.arrival = arrival
    }
}
