// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import SystemPackage
import TaskNetworking
import VPC

/// An ENI that is asked for in a sandbox, with what the configuration says where the request is silent.
struct SandboxRequest: Sendable {
    var key: SandboxRecord.Key
    var path: AbsolutePath
    var name: InterfaceName
    var subnetID: String
    var wish: AddressPools.Wish
    var macAddress: MACAddress?
    var kind: NetworkInterfaceRecord.Kind
    var parentInterface: String?
    var association: NetworkInterface.Association?
    var mtu: Int?
    var dns: SandboxDNS?
    var waitMilliseconds: Int
    /// By id or name.
    var securityGroups: [String]?
    var podNamespace: String?
    var podName: String?

    /// - Throws: what is wrong with it, before anything is touched.
    init(
        _ input: TaskNetworkAPI.AddSandboxNetworkInterface.Input, _ configuration: AgentConfiguration
    ) throws {
        try input.validate()
        key = SandboxRecord.Key(
            network: input.network, containerID: input.containerId, interfaceName: input.interfaceName)
        do {
            path = try AbsolutePath(input.networkNamespace)
        } catch {
            throw SandboxError.noNamespace(path: input.networkNamespace.shortened, reason: error.problem)
        }
        name = try InterfaceName(input.interfaceName)
        wish = try AddressPools.Wish(input)
        subnetID = try configuration.sandboxSubnet(input.subnet, with: wish).id
        macAddress = try input.requestedMACAddress()
        kind = try configuration.sandboxKind(input.interfaceType)
        parentInterface = try configuration.sandboxParent(input.parentInterface, of: kind)
        association = try input.branch()
        mtu = input.mtu
        dns = input.dns
        waitMilliseconds = input.waitTimeoutMs ?? 0
        securityGroups = input.securityGroups
        try NetworkConfiguration.AWSVPC.validate(
            securityGroups: securityGroups ?? [], most: configuration.securityGroupsPerInterface)
        podNamespace = input.podNamespace
        podName = input.podName
    }
}

extension AddressPools.Wish {
    init(_ input: TaskNetworkAPI.AddSandboxNetworkInterface.Input) throws(ValidationFailure) {
        let addresses = try input.requestedAddresses()
        self.init(ipv4: addresses.ipv4, ipv6: addresses.ipv6, isWithoutIPv6: input.ipv6 == false)
    }
}

// MARK: - What the configuration says

extension AgentContext {
    /// Where deletions are left that the daemon could not be asked for: beside its socket, which is all that is known to
    /// whoever leaves them.
    var sandboxDeletionDirectory: FilePath {
        controlSocketPath.removingLastComponent().appending("cni").appending("deletions")
    }
}

extension AgentConfiguration {
    /// The subnet that a request names; without a name the one that the address is in that it asks for, or the first.
    func sandboxSubnet(_ text: String?, with wish: AddressPools.Wish = AddressPools.Wish()) throws -> Subnet {
        if let text {
            guard let subnet = subnets.named(text) else {
                throw NetworkServiceError.unknownSubnet(text.shortened, known: subnets.map(\.id))
            }
            return subnet
        }
        let wanted = IPFamily.allCases.compactMap(wish.address)
        let home = subnets.first { subnet in
            wanted.contains { subnet.cidrBlock($0.family)?.contains($0) ?? false }
        }
        guard let subnet = home ?? subnets.first else { throw NetworkServiceError.unknownSubnet("default", known: []) }
        return subnet
    }

    /// - Throws: for a `veth` where the host is no router for its subnets.
    func sandboxKind(_ type: ElasticNetworkInterface.InterfaceType?) throws -> NetworkInterfaceRecord.Kind {
        let kind = type.flatMap { .init(rawValue: $0.rawValue) } ?? NetworkInterfaceRecord.Kind(interfaceType)
        if kind == .veth, interfaceType.needsParent {
            throw NetworkServiceError.notRouted(kind: interfaceType.rawValue)
        }
        return kind
    }

    /// The NIC under a macvlan or ipvlan; nil for another kind, whatever is named.
    func sandboxParent(_ name: String?, of kind: NetworkInterfaceRecord.Kind) throws -> String? {
        guard kind == .macvlan || kind == .ipvlan else { return nil }
        guard let parent = name ?? parentInterface else {
            throw NetworkServiceError.noParentInterface(kind: kind.rawValue)
        }
        return parent
    }
}
