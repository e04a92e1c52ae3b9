// SPDX-License-Identifier: Apache-2.0

import Addressing
import CNI
import Linux
import TaskNetworking

/// An ENI in a container's namespace: what the plugins for ENIs have in common. They differ in how the link comes in, and
/// in what their keys are called.
struct Attachment {
    /// A requirement, and the key of the configuration that it is there for.
    struct Step {
        let requirement: Requirement
        let key: String
    }

    let container: HeldNamespace
    let name: InterfaceName
    /// Of the ENI.
    let macAddress: MACAddress
    /// What makes the link.
    let link: [Step]
    let settings: InterfaceSettings
    /// Whether addresses and routes are made. Otherwise they are for whoever uses the link: a virtual machine.
    let isConfigured: Bool

    /// Each once, however often they are listed.
    var addresses: [InterfaceAddress] {
        settings.addresses.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// - Parameter taken: the families that have a default route already, by way of another interface. It stays.
    func steps(without taken: Set<IPFamily> = []) -> [Step] {
        var steps = link
        if isConfigured {
            steps += addresses.map {
                let address = AddressRequirement(scope: .task, link: name, address: $0)
                return Step(requirement: .address(address), key: settings.keys.addresses)
            }
        }
        if settings.blocksInstanceMetadata { steps += blackholes }
        if isConfigured {
            steps += IPFamily.allCases.filter { !taken.contains($0) }.compactMap(defaultRoute)
        }
        return steps
    }

    func plan(_ requirements: [Requirement]) -> TaskNetworkPlan {
        TaskNetworkPlan(taskID: name.text, namespacePath: container.path, requirements: requirements)
    }

    /// Whatever the addresses are: another interface of the container may lead there.
    private var blackholes: [Step] {
        TaskNetworkPlanner.instanceMetadata.compactMap { address in
            // A kernel without IPv6 has nothing to block, and would refuse.
            if address.family == .v6, (try? Sysctl.ipv6(interface: "all", "disable_ipv6").read()) == nil { return nil }
            return CIDRBlock(containing: address, prefixLength: address.family.addressBits).map {
                let route = RouteRequirement(scope: .task, type: .blackhole, to: $0)
                return Step(requirement: .route(route), key: settings.keys.blocksInstanceMetadata)
            }
        }
    }

    private func defaultRoute(_ family: IPFamily) -> Step? {
        guard let gateway = settings.gateway(family), let destination = Self.everything(family) else { return nil }
        let route = RouteRequirement(scope: .task, to: destination, via: gateway, link: name)
        return Step(requirement: .route(route), key: settings.keys.gateways)
    }

    static func everything(_ family: IPFamily) -> CIDRBlock? {
        CIDRBlock(network: family == .v4 ? .v4(.any) : .v6(.any), prefixLength: 0)
    }
}
