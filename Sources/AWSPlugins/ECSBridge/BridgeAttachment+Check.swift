// SPDX-License-Identifier: Apache-2.0
import Addressing
import CNI
import TaskNetworking

extension BridgeAttachment {
    /// What ADD had made, by its answer.
    init(_ previous: CNIResult, of request: CNIRequest, _ configuration: BridgeConfiguration) throws {
        let index = previous.interfaces.lastIndex { $0.name == request.interfaceName && $0.sandbox != nil }
        // As ADD lists them: the bridge, the host's end, the container's.
        guard let index, index >= 2, previous.interfaces[index - 2].name == configuration.bridge.text else {
            throw CNIError(
                .invalidConfiguration,
                "prevResult has no interface \(request.interfaceName) on bridge \(configuration.bridge)",
                details: "CHECK compares with what ADD answered")
        }
        let (outer, inner) = (previous.interfaces[index - 1], previous.interfaces[index])
        bridge = configuration.bridge
        mtu = inner.mtu ?? configuration.mtu
        name = try InterfaceName(inner.name)
        macAddress = try Self.macAddress(inner)
        hostName = try InterfaceName(outer.name)
        hostMACAddress = try Self.macAddress(outer)
        alias = VethAlias(request).text
        addresses = []
        for address in previous.addresses where address.interface == index {
            addresses.append(
                Address(
                    address: try InterfaceAddress(parsing: address.address),
                    gateway: try IPAddress(parsing: address.gateway ?? "")))
        }
        let own = addresses
        // Where others have made routes too, one without a gateway may be theirs.
        let isAlone = previous.interfaces.count == 3
        routes = try previous.routes.filter { isAlone || $0.gateway != nil }.compactMap { try Route($0, own) }
            .filter { isAlone || own.gateway($0.destination.family) == $0.gateway }
    }

    private static func macAddress(_ interface: CNIResult.Interface) throws -> MACAddress {
        try MACAddress(parsing: interface.macAddress ?? "")
    }
}
