// SPDX-License-Identifier: Apache-2.0
import Addressing
import Testing
import VPC

/// A VPC with a subnet of each route, a web server, a data base behind it, and a host.
struct SampleNetwork {
    static let web = "sg-00000000000000001"
    static let data = "sg-00000000000000002"
    static let own = SecurityGroup.default(vpcID: "vpc-1")
    static let office = "pl-00000000000000001"

    var cidrBlocks: [CIDRBlock]
    var subnets: [Subnet]
    var groups: [SecurityGroup]
    var lists: [PrefixList]
    var endpoints: [VPCNetwork.Endpoint]
    var host: VPCNetwork.Host
    var blocksInstanceMetadata = false

    init() throws {
        func subnet(_ number: Int, _ route: SubnetRoute) throws -> Subnet {
            Subnet(
                id: "subnet-\(route.rawValue)", name: route.rawValue,
                ipv4CIDRBlock: try IPv4CIDRBlock(parsing: "10.0.\(number).0/24"),
                ipv6CIDRBlock: try IPv6CIDRBlock(parsing: "fd00:\(number)::/64"), route: route)
        }
        cidrBlocks = try ["10.0.0.0/16", "fd00::/16"].map { try CIDRBlock(parsing: $0) }
        subnets = [try subnet(1, .nat), try subnet(2, .none), try subnet(3, .public)]
        groups = [
            Self.own, Self.group(Self.web, "web", [try Self.ingress(Self.web, .tcp, 80...90, "0.0.0.0/0")]),
            Self.group(
                Self.data, "data",
                [
                    SecurityGroupRule(
                        groupID: Self.data, direction: .ingress, ipProtocol: .tcp, fromPort: 5432, toPort: 5432,
                        peer: .group(Self.web)),
                    SecurityGroupRule(
                        groupID: Self.data, direction: .ingress, ipProtocol: .udp, fromPort: 53, toPort: 53,
                        peer: .prefixList(Self.office)),
                ]),
        ]
        lists = [
            PrefixList(
                id: Self.office, name: "office",
                entries: [
                    .init(block: try CIDRBlock(parsing: "203.0.113.0/24")),
                    .init(block: try CIDRBlock(parsing: "2001:db8::/32")),
                ])
        ]
        endpoints = [
            try Self.endpoint(1, "10.0.1.4", "fd00:1::4", groups: [Self.web], subnet: "subnet-nat"),
            try Self.endpoint(2, "10.0.2.4", "fd00:2::4", groups: [Self.data], subnet: "subnet-none"),
            try Self.endpoint(3, "10.0.3.4", "fd00:3::4", groups: [Self.own.id, Self.web], subnet: "subnet-public"),
            try Self.endpoint(
                4, "10.0.1.5", "fd00:1::5", groups: [Self.web], subnet: "subnet-nat", isEnforced: false),
        ]
        host = VPCNetwork.Host(
            addresses: try ["10.0.1.1", "10.0.2.1", "10.0.3.1", "fd00:1::1", "fe80::1"].map {
                try IPAddress(parsing: $0)
            },
            otherAddresses: [try IPAddress(parsing: "192.0.2.1")], securityGroupIDs: [Self.own.id])
    }

    var network: VPCNetwork {
        VPCNetwork(
            cidrBlocks: cidrBlocks, subnets: subnets, securityGroups: groups, prefixLists: lists, endpoints: endpoints,
            host: host, blocksInstanceMetadata: blocksInstanceMetadata)
    }

    static func group(_ id: String, _ name: String, _ rules: [SecurityGroupRule]) -> SecurityGroup {
        SecurityGroup(
            id: id, name: name, groupDescription: name, vpcID: "vpc-1",
            rules: rules + SecurityGroup.defaultEgressRules(groupID: id))
    }

    static func ingress(
        _ group: String, _ ipProtocol: IPProtocol, _ ports: ClosedRange<Int>?, _ block: String
    ) throws -> SecurityGroupRule {
        let peer: SecurityGroupRule.Peer =
            switch try CIDRBlock(parsing: block) {
            case .v4(let block): .ipv4(block)
            case .v6(let block): .ipv6(block)
            }
        return SecurityGroupRule(
            groupID: group, direction: .ingress, ipProtocol: ipProtocol, fromPort: ports?.lowerBound,
            toPort: ports?.upperBound, peer: peer)
    }

    static func endpoint(
        _ number: Int, _ addresses: String..., groups: [String], subnet: String, isEnforced: Bool = true
    ) throws -> VPCNetwork.Endpoint {
        VPCNetwork.Endpoint(
            networkInterfaceID: "eni-0000000000000000\(number)",
            addresses: try addresses.map { try IPAddress(parsing: $0) },
            securityGroupIDs: groups, subnetID: subnet, isEnforced: isEnforced)
    }

    static func flow(_ source: String, _ destination: String, _ transport: Flow.Transport) throws -> Flow {
        Flow(
            source: try IPAddress(parsing: source), destination: try IPAddress(parsing: destination),
            transport: transport)
    }

    func judge(_ source: String, _ destination: String, _ transport: Flow.Transport) throws -> Judgement {
        network.judge(try Self.flow(source, destination, transport))
    }
}

extension Flow.Transport {
    static func tcp(_ port: UInt16) -> Self { .tcp(destinationPort: port) }
    static func udp(_ port: UInt16) -> Self { .udp(destinationPort: port) }
    static var ping: Self { .icmp(type: 8, code: 0) }
    static var ping6: Self { .icmpv6(type: 128, code: 0) }
}
