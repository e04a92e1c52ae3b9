// SPDX-License-Identifier: Apache-2.0
import Addressing
import CNI
import TaskNetworking

/// One container's interface on a bridge: the names and addresses of all that it is made of.
struct BridgeAttachment {
    var bridge: InterfaceName
    var mtu: Int
    var name: InterfaceName
    var macAddress: MACAddress
    var hostName: InterfaceName
    var hostMACAddress: MACAddress
    var alias: String
    var addresses: [Address]
    var routes: [Route]

    struct Address: Hashable {
        var address: InterfaceAddress
        var gateway: IPAddress
    }

    struct Route: Hashable {
        var destination: CIDRBlock
        var gateway: IPAddress
        /// Whether it is not only the address's.
        var isGatewaySaid: Bool
    }
}

extension BridgeAttachment {
    /// What must be true of it, in the order in which it is made so.
    ///
    /// The bridge comes last: nearly all that can fail has not failed when it is made, and it need not be taken away
    /// again while others come to use it.
    func plan(_ request: CNIRequest, _ container: HeldNamespace) -> TaskNetworkPlan {
        TaskNetworkPlan(taskID: request.containerID, namespacePath: container.path, requirements: requirements)
    }

    private var requirements: [Requirement] {
        let ipv6 = addresses.compactMap(\.address.address.v6)
        return [
            .veth(
                VethRequirement(
                    name: name, macAddress: macAddress, hostName: hostName, hostMACAddress: hostMACAddress, mtu: mtu,
                    alias: alias, isAlwaysNew: true)),
            .link(LinkRequirement(scope: .host, name: hostName, alias: alias)),
        ]
            + addresses.map { .address(AddressRequirement(scope: .task, link: name, address: $0.address)) }
            // Until it is ready the kernel may yet add a route of its own.
            + [.ready(ReadyRequirement(name: name, ipv6Addresses: ipv6))]
            // Their gateways are looked for on the link: by the connected routes, which go when these are there.
            + routes.map {
                .route(
                    RouteRequirement(
                        scope: .task, to: $0.destination, via: $0.gateway, link: name, originator: Self.boot))
            }
            + [
                .noConnectedRoutes(NoConnectedRoutesRequirement(link: name)),
                .bridge(
                    BridgeRequirement(
                        name: bridge, macAddress: .random, mtu: mtu, addresses: bridgeAddresses)),
                // A port that is ready before it becomes one forwards at once.
                .ready(ReadyRequirement(scope: .host, name: hostName)),
                .bridgePort(BridgePortRequirement(link: hostName, bridge: bridge)),
                .ready(ReadyRequirement(scope: .host, name: bridge)),
            ]
    }

    private var bridgeAddresses: [InterfaceAddress] {
        unique(
            addresses.compactMap { InterfaceAddress(address: $0.gateway, prefixLength: $0.address.prefixLength) })
    }

    private func unique(_ list: [InterfaceAddress]) -> [InterfaceAddress] {
        list.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    /// As the original's routes are marked. The corresponding C constant is `RTPROT_BOOT`.
    private static let boot: UInt8 = 3

    /// `0a:58` and the IPv4 address, so that a container that gets an address has the MAC that others may remember for
    /// it; a random one without IPv4.
    static func macAddress(_ addresses: [Address]) -> MACAddress {
        let ipv4 = addresses.lazy.compactMap(\.address.address.v4).first
        return ipv4.flatMap { MACAddress(bytes: [0x0a, 0x58] + $0.bytes) } ?? .random
    }

    /// Of the host's end. The kernel names links by counting; NetworkManager passes over what begins so.
    static func randomHostName() throws(NameError) -> InterfaceName {
        let digits = String(UInt32.random(in: 0...UInt32.max), radix: 16)
        return try InterfaceName("veth" + String(repeating: "0", count: 8 - digits.count) + digits)
    }
}

extension MACAddress {
    static var random: MACAddress {
        var generator = SystemRandomNumberGenerator()
        return .random(using: &generator)
    }
}
