// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import Firewall
import TaskNetworking
import VPC

/// What the VPC is at one moment: what the configuration says and what the store has. The one place where the firewall's
/// state and the model that explanations walk are made from both.
struct NetworkModel: Sendable {
    var configuration: AgentConfiguration
    /// The configuration's, then those that the API made.
    var securityGroups: [SecurityGroup]
    var interfaces: [NetworkInterfaceRecord]
    /// Links of the host that forward a family for tasks alone.
    var routersForTasks: [IPFamily: [String]] = [:]

    /// - Parameter made: groups of the API. One that has the id of a group of the configuration is passed over, but for
    ///   `default`, where the file does not give that.
    init(
        _ configuration: AgentConfiguration, made: [SecurityGroupRecord], interfaces: [NetworkInterfaceRecord] = []
    ) {
        self.configuration = configuration
        let made = made.map(\.group)
        let known = configuration.securityGroups.map { group in
            configuration.gives(group) ? group : made.first { $0.id == group.id } ?? group
        }
        let ids = Set(known.map(\.id))
        // One of that name which is not used is of a VPC that was called otherwise, or the file's is in its place.
        securityGroups = known + made.filter { !ids.contains($0.id) && $0.name != SecurityGroup.defaultName }
        self.interfaces = interfaces
    }

    var references: SecurityGroupReferences {
        SecurityGroupReferences(
            securityGroups: securityGroups, prefixLists: configuration.prefixLists, accountID: configuration.accountID)
    }

    func isConfigured(_ group: SecurityGroup) -> Bool { configuration.gives(group) }
}

// MARK: - ENIs

extension NetworkModel {
    /// The groups that an ENI is in: one of before there were any is in `default`. A group that is not there any more lets
    /// nothing through.
    func groupIDs(of eni: NetworkInterface) -> [String] {
        let ids = eni.securityGroupIDs ?? configuration.defaultGroupIDs
        return ids.filter { id in securityGroups.contains { $0.id == id } }
    }

    /// An ENI with an end on the host; nil for another kind.
    func firewallInterface(_ record: NetworkInterfaceRecord, groupIDs: [String]? = nil) -> FirewallInterface? {
        guard record.kind == .veth, let hostName = record.networkInterface.hostInterfaceName else { return nil }
        let eni = record.networkInterface
        return FirewallInterface(eni, hostName: hostName, securityGroupIDs: groupIDs ?? self.groupIDs(of: eni))
    }

    func firewallMember(_ record: NetworkInterfaceRecord, groupIDs: [String]? = nil) -> FirewallMember {
        let eni = record.networkInterface
        return FirewallMember(
            eniID: eni.id, addresses: eni.addresses, securityGroupIDs: groupIDs ?? self.groupIDs(of: eni),
            arrival: arrival(of: record))
    }

    /// A branch's packets come back by whatever its VLAN's router sends them to, a device's by that of its own network.
    private func arrival(of record: NetworkInterfaceRecord) -> FirewallMember.Arrival {
        switch record.kind {
        case .veth, .device, .branch: .anywhere
        case .dummy: .nowhere
        case .macvlan, .ipvlan: (record.parentInterface ?? configuration.parentInterface).map { .link($0) } ?? .nowhere
        }
    }
}

extension AgentConfiguration {
    /// Of an ENI that names none.
    var defaultGroupIDs: [String] { securityGroups.named(SecurityGroup.defaultName).map { [$0.id] } ?? [] }
}

// MARK: - Made from it

extension NetworkModel {
    /// What the host sends from towards tasks; nothing where it is not their router. A subnet that has gone from the
    /// configuration keeps its gateway as long as somebody is in it.
    private var gatewayAddresses: [IPAddress] {
        let configured = configuration.interfaceType.needsParent ? [] : configuration.subnets
        var addresses = configured.flatMap(\.cidrBlocks).compactMap { $0.address(at: 1) }
        for record in interfaces where record.kind == .veth {
            let eni = record.networkInterface
            guard let id = eni.subnetID, configuration.subnet(id: id) == nil,
                let gateway = eni.subnetGatewayIPv4?.address,
                !addresses.contains(gateway)
            else { continue }
            addresses.append(gateway)
        }
        return addresses
    }

    var firewallState: FirewallState {
        FirewallState(
            vpcBlocks: configuration.vpc.cidrBlocks, subnets: configuration.subnets,
            host: FirewallHost(
                addresses: gatewayAddresses, securityGroupIDs: configuration.hostSecurityGroupIDs),
            blocksInstanceMetadata: configuration.blockInstanceMetadata, securityGroups: securityGroups,
            prefixLists: configuration.prefixLists,
            interfaces: interfaces.compactMap { firewallInterface($0) },
            interfacesElsewhere: interfaces.filter { $0.kind != .veth }.map { firewallMember($0) },
            routersForTasks: routersForTasks)
    }

    /// - Parameter otherAddresses: what the host is reached at beside the gateways' addresses.
    func vpcNetwork(otherAddresses: [IPAddress] = []) -> VPCNetwork {
        VPCNetwork(
            cidrBlocks: configuration.vpc.cidrBlocks, subnets: configuration.subnets, securityGroups: securityGroups,
            prefixLists: configuration.prefixLists,
            endpoints: interfaces.map { record in
                let eni = record.networkInterface
                return VPCNetwork.Endpoint(
                    networkInterfaceID: eni.id, addresses: eni.addresses, securityGroupIDs: groupIDs(of: eni),
                    subnetID: eni.subnetID, isEnforced: record.kind == .veth)
            },
            host: VPCNetwork.Host(
                addresses: gatewayAddresses, otherAddresses: otherAddresses,
                securityGroupIDs: configuration.hostSecurityGroupIDs),
            blocksInstanceMetadata: configuration.blockInstanceMetadata)
    }
}

extension StoreTransaction {
    /// The VPC without its ENIs: what requests are read against.
    func securityGroupModel(_ configuration: AgentConfiguration) throws -> NetworkModel {
        NetworkModel(configuration, made: try securityGroups())
    }

    /// The whole VPC.
    func networkModel(_ configuration: AgentConfiguration) throws -> NetworkModel {
        NetworkModel(configuration, made: try securityGroups(), interfaces: try liveNetworkInterfaces())
    }

    /// - Throws: where one of the groups has gone since it was named.
    func require(securityGroups ids: [String], _ configuration: AgentConfiguration) throws {
        let references = try securityGroupModel(configuration).references
        for id in ids { _ = try references.securityGroup(named: id) }
    }
}
