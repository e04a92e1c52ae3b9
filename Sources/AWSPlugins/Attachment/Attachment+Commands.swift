// SPDX-License-Identifier: Apache-2.0

import Addressing
import CNI
import Netlink
import TaskNetworking

extension Attachment {
    /// ADD. When it throws, all is as it was before.
    func add(_ request: CNIRequest, _ network: TaskNetwork, _ log: PluginLog) throws -> CNIResult {
        let survey = try NamespaceSurvey(container.namespace)
        let taken = survey.defaultRoutes(besides: name)
        for family in taken where isConfigured && settings.gateway(family) != nil {
            log.warn("\(name): the \(family) gateway is left out: the namespace has a default route already")
        }
        try refuseWhatCannotBe(survey, without: taken)
        let steps = steps(without: taken)
        do {
            _ = try network.apply(plan(steps.map(\.requirement)), in: container.namespace)
        } catch let error as TaskNetworkError {
            let step = steps.first { $0.requirement.description == error.step }
            throw CNIError(.failed, "\(error)", details: step.map { "this is for \($0.key)" } ?? "")
        }
        // All is made: not to be told it is no failure.
        let mtu = try? RouteConnection(in: container.namespace).link(named: name.text).mtu
        return result(request, mtu: mtu, without: taken).following(request.configuration.previousResult)
    }

    private func result(_ request: CNIRequest, mtu: Int?, without taken: Set<IPFamily>) -> CNIResult {
        let interface = CNIResult.Interface(
            name: name.text, macAddress: "\(macAddress)", mtu: mtu, sandbox: request.networkNamespace)
        let addresses = addresses.map { address in
            // One that was left out would be the way of nothing.
            let gateway = taken.contains(address.family) ? nil : settings.gateway(address.family)
            return CNIResult.Address("\(address)", gateway: gateway.map { "\($0)" }, interface: 0)
        }
        var routes: [CNIResult.Route] = []
        for family in IPFamily.allCases where isConfigured && !taken.contains(family) {
            guard let gateway = settings.gateway(family), let destination = Self.everything(family) else { continue }
            routes.append(CNIResult.Route("\(destination)", gateway: "\(gateway)"))
        }
        return CNIResult(interfaces: [interface], addresses: addresses, routes: routes)
    }

    /// CHECK: the kernel against the configuration, and against what ADD had answered.
    func check(_ request: CNIRequest, _ network: TaskNetwork) throws {
        let previous = try previousInterface(request)
        let survey = try NamespaceSurvey(container.namespace)
        let promised = Set(IPFamily.allCases.filter { isPromised($0, request) })
        // Another interface's default route has kept ours out, unless ADD said otherwise.
        var requirements = steps(without: survey.defaultRoutes(besides: name).subtracting(promised)).map(\.requirement)
        if isConfigured {
            requirements += previous.addresses.filter { !addresses.contains($0) }.map {
                .address(AddressRequirement(scope: .task, link: name, address: $0))
            }
        }
        var faults = try network.check(plan(requirements), in: container.namespace).map(\.description)
        if let mtu = previous.interface.mtu, let found = survey.link(name), found.mtu != mtu {
            faults.append("\(name): expected MTU \(mtu), found MTU \(found.mtu)")
        }
        guard faults.isEmpty else {
            throw CNIError(
                .failed, "\(name) is not as it was made", details: faults.joined(separator: "; "))
        }
    }

    private func isPromised(_ family: IPFamily, _ request: CNIRequest) -> Bool {
        guard let destination = Self.everything(family), let gateway = settings.gateway(family) else { return false }
        let promise = CNIResult.Route("\(destination)", gateway: "\(gateway)")
        return request.configuration.previousResult?.routes.contains {
            $0.destination == promise.destination && $0.gateway == promise.gateway
        } == true
    }

    /// What ADD had answered about the interface.
    private func previousInterface(
        _ request: CNIRequest
    ) throws(CNIError) -> (interface: CNIResult.Interface, addresses: [InterfaceAddress]) {
        let result = request.configuration.previousResult
        let index = result?.interfaces.firstIndex { $0.name == name.text && $0.sandbox == request.networkNamespace }
        guard let result, let index else {
            throw CNIError(
                .invalidConfiguration, "prevResult has no interface \(name) in \(request.networkNamespace)",
                details: "CHECK needs the result of ADD")
        }
        let interface = result.interfaces[index]
        if let mac = interface.macAddress, (try? MACAddress(parsing: mac)) != macAddress {
            throw CNIError(
                .invalidConfiguration, "prevResult has another MAC address than the network config",
                details: "\(mac) and \(macAddress)")
        }
        var addresses: [InterfaceAddress] = []
        for (place, address) in result.addresses.enumerated() where address.interface == index {
            let text = ConfigurationText(name: "prevResult.ips[\(place)].address", text: address.address)
            addresses.append(try text.parsed("invalid address"))
        }
        return (interface, addresses)
    }
}
