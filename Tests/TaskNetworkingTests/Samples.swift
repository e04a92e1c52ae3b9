// SPDX-License-Identifier: Apache-2.0
import Addressing
import SystemPackage
import TestSupport
import Testing
import VPC

@testable import TaskNetworking

/// What the tests attach: subnets 10.0.1.0/24 and 2001:db8:0:1::/64, with tasks from .5 on.
enum Sample {
    static let taskID = "0123456789abcdef0123456789abcdef"
    /// More than the default and less than Ethernet's, so that no default can be taken for it.
    static let facts = HostFacts(uplinkMTU: 1442, forwardsIPv6PerLink: true, hasIPv6: true)

    enum Families: CaseIterable, Sendable {
        case ipv4, ipv6, dual
        var hasIPv4: Bool { self != .ipv6 }
        var hasIPv6: Bool { self != .ipv4 }
    }

    static func subnet(_ number: Int = 1, _ families: Families = .ipv4) -> Subnet {
        Subnet(
            name: "subnet\(number)",
            ipv4CIDRBlock: families.hasIPv4 ? IPv4CIDRBlock("10.0.\(number).0/24") : nil,
            ipv6CIDRBlock: families.hasIPv6 ? IPv6CIDRBlock("2001:db8:0:\(number)::/64") : nil)
    }

    static func eni(_ families: Families) throws -> NetworkInterface { try eni(5, families) }

    /// The ENI with the host number `number` in a subnet.
    static func eni(
        _ number: Int = 5, subnet: Int = 1, _ families: Families = .ipv4, index: Int = 0
    ) throws -> NetworkInterface {
        let subnet = Sample.subnet(subnet, families)
        var generator = SystemRandomNumberGenerator()
        return NetworkInterface(
            in: subnet, index: index, ipv4Address: subnet.ipv4CIDRBlock?.address(at: UInt64(number)),
            ipv6Address: subnet.ipv6CIDRBlock?.address(at: UInt128(number)),
            domainNameServers: [.v4(try IPv4Address(parsing: "10.0.1.2"))], using: &generator)
    }

    static func request(
        _ interfaces: [InterfaceRequest], namespace: String = "/run/netns/sample"
    ) throws -> TaskNetworkRequest {
        TaskNetworkRequest(
            taskID: taskID, namespacePath: try AbsolutePath(namespace), hostname: "sample", interfaces: interfaces)
    }

    static func request(
        _ eni: NetworkInterface, as kind: AttachmentKind = .veth, namespace: String = "/run/netns/sample"
    ) throws -> TaskNetworkRequest {
        try request([InterfaceRequest(networkInterface: eni, attachment: kind)], namespace: namespace)
    }
}

extension HostNetworkPlan {
    var lines: [String] { requirements.map(\.description) }
}

extension TaskNetworkPlan {
    /// For comparing with what people would write down.
    var lines: [String] { requirements.map(\.description) }
}
