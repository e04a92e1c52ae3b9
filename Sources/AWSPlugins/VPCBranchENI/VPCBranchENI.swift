// SPDX-License-Identifier: Apache-2.0

import Addressing
package import CNI
import TaskNetworking

/// `vpc-branch-eni`: a VLAN on a trunk, in the container's namespace; for a virtual machine with a link that it opens.
package struct VPCBranchENI: AWSPlugin {
    package static let name = "vpc-branch-eni"
    package static let origin = AWSOrigin.vpc
    package static let defaultLogFile = "/var/log/vpc-branch-eni.log"
    package static let readsArguments = true

    private let log: PluginLog

    package init(log: PluginLog) { self.log = log }

    package func add(_ request: CNIRequest) throws -> CNIResult {
        let configuration = try BranchConfiguration(request)
        let container = try request.heldNamespace()
        let name = try request.linkName()
        let network = try TaskNetwork()
        let trunk = try trunk(configuration, on: network)
        log.info("\(configuration.trunkKey): the trunk is \(trunk.name), \(trunk.macAddress)")
        return try configuration.attachment(trunk: trunk.name, container, name).add(request, network, log)
    }

    package func check(_ request: CNIRequest) throws {
        let configuration = try BranchConfiguration(request)
        let container = try request.heldNamespace()
        let name = try request.linkName()
        let network = try TaskNetwork()
        let trunk = try trunk(configuration, on: network)
        try configuration.attachment(trunk: trunk.name, container, name).check(request, network)
    }

    /// What ADD made goes, also when the trunk is gone. With the namespace it has gone already.
    package func del(_ request: CNIRequest) throws {
        let configuration = try BranchConfiguration(request)
        guard let container = try request.heldNamespaceIfThere() else { return }
        let name = try request.linkName()
        let network = try TaskNetwork()
        let survey = try NamespaceSurvey(container.namespace)
        let requirements = try configuration.links(
            name, among: survey.links, trunk: try? trunk(configuration, on: network))
        let plan = TaskNetworkPlan(taskID: name.text, namespacePath: container.path, requirements: requirements)
        if let error = network.teardown(plan, in: container.namespace).errors.first { throw error }
        log.info("\(name): \(requirements.map(\.description).joined(separator: ", ")) gone")
    }

    package func gc(_ request: CNIRequest) throws {}
    package func status(_ request: CNIRequest) throws {}

    private func trunk(_ configuration: BranchConfiguration, on network: TaskNetwork) throws -> HostDevice {
        do {
            if let name = configuration.trunkName {
                let trunk = try network.trunk(named: name)
                guard configuration.trunkMACAddress == nil || configuration.trunkMACAddress == trunk.macAddress else {
                    throw CNIError(
                        .invalidConfiguration, "trunk \(name) has the MAC address \(trunk.macAddress)",
                        details: "trunkName and trunkMACAddress name two different devices")
                }
                return trunk
            }
            guard let mac = configuration.trunkMACAddress else {
                throw CNIError(.invalidConfiguration, "missing required parameter trunkName or trunkMACAddress")
            }
            return try network.trunk(macAddress: mac)
        } catch let error as DeviceError {
            throw CNIError(.failed, "\(error)", details: "this is for \(configuration.trunkKey)")
        }
    }
}
