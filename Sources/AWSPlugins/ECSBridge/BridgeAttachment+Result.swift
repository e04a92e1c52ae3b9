// SPDX-License-Identifier: Apache-2.0
import Addressing
import CNI
import TaskNetworking

extension BridgeAttachment {
    /// What is to be made of the addresses that the IPAM plugin gave.
    ///
    /// - Parameter existing: what the container has routes to already: the first one stays.
    init(
        _ given: CNIResult, _ request: CNIRequest, _ configuration: BridgeConfiguration, existing: [CIDRBlock]
    ) throws {
        addresses = try Self.addresses(given)
        macAddress = Self.macAddress(addresses)
        bridge = configuration.bridge
        mtu = configuration.mtu
        name = try InterfaceName(request.interfaceName)
        hostName = try Self.randomHostName()
        hostMACAddress = .random
        alias = VethAlias(request).text
        routes = []
        let asked = try given.routes.compactMap { route throws(CNIError) in try Route(route, addresses) }
        var known = existing
        for route in asked + gatewayRoutes where !known.contains(route.destination) {
            known.append(route.destination)
            routes.append(route)
        }
    }

    private static func addresses(_ given: CNIResult) throws(CNIError) -> [Address] {
        guard (1...2).contains(given.addresses.count) else {
            throw CNIError(
                .decoding, "bridge IPAM ADD: expected 1 or 2 IP configs, got \(given.addresses.count)")
        }
        var addresses: [Address] = []
        for (index, item) in given.addresses.enumerated() {
            guard let address = try? InterfaceAddress(parsing: item.address) else {
                throw CNIError(
                    .decoding, "bridge IPAM ADD: invalid IP[\(index)] \(item.address)", details: "it is no address")
            }
            guard let text = item.gateway else {
                throw CNIError(.decoding, "bridge IPAM ADD: Gateway not set for IP[\(index)]")
            }
            guard let gateway = try? IPAddress(parsing: text), gateway.family == address.family else {
                throw CNIError(
                    .decoding, "bridge IPAM ADD: invalid Gateway \(text) for IP[\(index)]",
                    details: "it has to be an \(address.family) address")
            }
            addresses.append(Address(address: address, gateway: gateway))
        }
        return addresses
    }

    /// A gateway is its own gateway: all that the link reaches, it reaches by one.
    private var gatewayRoutes: [Route] {
        addresses.compactMap { address in
            let gateway = address.gateway
            return CIDRBlock(containing: gateway, prefixLength: gateway.family.addressBits).map {
                Route(destination: $0, gateway: gateway, isGatewaySaid: true)
            }
        }
    }

    /// What ADD answers.
    ///
    /// - Parameter bridgeMACAddress: the bridge may have been there.
    func result(_ given: CNIResult, _ request: CNIRequest, bridgeMACAddress: MACAddress?) -> CNIResult {
        CNIResult(
            interfaces: [
                .init(name: bridge.text, macAddress: bridgeMACAddress?.description),
                .init(name: hostName.text, macAddress: hostMACAddress.description, mtu: mtu),
                .init(
                    name: name.text, macAddress: macAddress.description, mtu: mtu, sandbox: request.networkNamespace),
            ],
            addresses: addresses.map { .init("\($0.address)", gateway: "\($0.gateway)", interface: 2) },
            routes: routes.map { .init("\($0.destination)", gateway: $0.isGatewaySaid ? "\($0.gateway)" : nil) },
            dns: given.dns)
    }
}

extension BridgeAttachment.Route {
    /// nil for a route that no gateway leads to.
    init?(_ route: CNIResult.Route, _ addresses: [BridgeAttachment.Address]) throws(CNIError) {
        if let key = route.others.keys.min() {
            throw CNIError(
                .unsupportedField, "route \(route.destination) has \(key)", details: "the bridge knows dst and gw alone"
            )
        }
        guard let destination = (try? InterfaceAddress(parsing: route.destination))?.network else {
            throw CNIError(.decoding, "invalid route \(route.destination)", details: "it is no network")
        }
        guard let text = route.gateway else {
            guard let gateway = addresses.gateway(destination.family) else { return nil }
            self.init(destination: destination, gateway: gateway, isGatewaySaid: false)
            return
        }
        guard let gateway = try? IPAddress(parsing: text), gateway.family == destination.family else {
            throw CNIError(
                .decoding, "invalid gateway \(text) of route \(destination)",
                details: "it has to be an \(destination.family) address")
        }
        self.init(destination: destination, gateway: gateway, isGatewaySaid: true)
    }
}

extension [BridgeAttachment.Address] {
    /// Of the first address of a family.
    func gateway(_ family: IPFamily) -> IPAddress? { first { $0.address.family == family }?.gateway }
}
