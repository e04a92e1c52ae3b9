// SPDX-License-Identifier: Apache-2.0
import Addressing
import ECSAPI
import TaskNetworking
import VPC

/// ENIs in namespaces that others made: what the CNI plugin asks for.
struct SandboxOperations: AgentPart {
    let context: AgentContext
    let sandboxes: SandboxNetworkService

    private var configuration: AgentConfiguration { context.configuration.value }

    func register(in dispatcher: inout APIDispatcher) {
        dispatcher.register(TaskNetworkAPI.AddSandboxNetworkInterface.self) { input, context in
            let request = try SandboxRequest(input, configuration)
            return try await context.whileCallerWaits {
                try await Trace.record(.start, since: context.arrived) {
                    TracePlace.add(.decode, from: context.arrived, to: context.decoded)
                    let attachment = try await sandboxes.add(request)
                    return try await traced(.answer) {
                        let model = try await sandboxes.network.groups.groups()
                        return describe(attachment, model, dns: input.dns)
                    }
                }
            }
        }
        dispatcher.register(TaskNetworkAPI.DeleteSandboxNetworkInterface.self) { input, context in
            try input.validate()
            try await Trace.record(.stop, since: context.arrived) {
                TracePlace.add(.decode, from: context.arrived, to: context.decoded)
                try await sandboxes.delete(SandboxRecord.Key(input))
            }
            return .init()
        }
        dispatcher.register(TaskNetworkAPI.CheckSandboxNetworkInterface.self) { input, _ in
            try input.validate()
            let differences = try await sandboxes.differences(
                of: SandboxRecord.Key(input), at: input.networkNamespace)
            return .init(differences: differences)
        }
        dispatcher.register(TaskNetworkAPI.CollectSandboxNetworkInterfaces.self) { input, _ in
            try input.validate()
            let valid = Set(input.validAttachments)
            return .init(deleted: try await sandboxes.collect(network: input.network, except: valid))
        }
        dispatcher.register(TaskNetworkAPI.DescribeSandboxNetwork.self) { input, _ in
            let reason = await sandboxes.whyNotReady(input)
            return .init(ready: reason == nil, reason: reason)
        }
    }

    private func describe(
        _ attachment: SandboxNetworkService.Attachment, _ model: NetworkModel, dns: SandboxDNS?
    ) -> TaskNetworkAPI.AddSandboxNetworkInterface.Output {
        let eni = attachment.interface.networkInterface
        let inner = attachment.links.lastIndex { $0.sandbox != nil } ?? 0
        return .init(
            networkInterface: model.describe(attachment.interface), interfaces: attachment.links,
            ips: attachment.plan.interfaceAddresses.map { address in
                SandboxAddress(
                    address: address.description, gateway: eni.gateway(address.family)?.description, interface: inner)
            },
            routes: attachment.plan.interfaceRoutes.map { route in
                SandboxRoute(
                    dst: route.destination.description, gw: route.gateway?.description, table: route.table.map(Int.init)
                )
            },
            dns: SandboxDNS(
                nameservers: eni.domainNameServers.map(\.description), domain: dns?.domain, search: eni.domainNames,
                options: dns?.options))
    }
}

extension NetworkInterface {
    fileprivate func gateway(_ family: IPFamily) -> IPAddress? {
        switch family {
        case .v4: subnetGatewayIPv4?.address
        case .v6: subnetGatewayIPv6.map(IPAddress.v6)
        }
    }
}
