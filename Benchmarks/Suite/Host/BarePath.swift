// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink

/// What tasks' packets are held against: a host that routes between its own address and two bare namespaces by veth pairs,
/// without a packet filter or connection tracking. As many hops as through ours.
final class BarePath: Sendable {
    static let hostAddress = "10.99.0.1"
    let host: NetworkNamespace
    let ends: [BareEnd]

    struct BareEnd: Sendable {
        let namespace: NetworkNamespace
        let address: String
    }

    /// - Parameter mtu: that of our ENIs.
    init(mtu: Int) throws {
        host = try NetworkNamespace.create()
        ends = try (1...2).map {
            BareEnd(namespace: try NetworkNamespace.create(), address: "10.99.0.\($0 + 3)")
        }
        let connection = try RouteConnection(in: host)
        try connection.apply([
            .changeLink(.name("lo"), LinkChange(isUp: true)),
            .addAddress(Address(try InterfaceAddress(parsing: Self.hostAddress + "/32"), linkIndex: 1)),
        ])
        // Without any local address the kernel takes every neighbour for a broadcast.
        try Sysctl("net", "ipv4", "ip_forward").write("1", in: host)
        for (number, end) in ends.enumerated() {
            try Self.connect(end, to: connection, as: Int32(100 + number), mtu: mtu)
        }
    }

    private static func connect(
        _ end: BareEnd, to host: RouteConnection, as index: Int32, mtu: Int
    ) throws {
        let peer = PeerSpec(name: "bare\(index)", index: index, mtu: mtu)
        let options = IPv4LinkOptions(forwards: true, reversePathFilter: .off, proxiesARP: true)
        try host.apply([
            .createLink(
                LinkSpec(
                    name: "eth0", kind: .veth(peer: peer), index: 100, mtu: mtu, isUp: true, namespace: end.namespace)),
            .changeLink(.index(index), LinkChange(isUp: true, ipv4: options)),
            .changeNeighbours(NeighbourOptions(.v4, linkIndex: index, proxyDelay: 0)),
            .addRoute(Route(try CIDRBlock(parsing: end.address + "/32"), linkIndex: index)),
        ])
        try RouteConnection(in: end.namespace).apply([
            .changeLink(.name("lo"), LinkChange(isUp: true)),
            .addAddress(Address(try InterfaceAddress(parsing: end.address + "/24"), linkIndex: 100)),
            .addRoute(
                Route(
                    try CIDRBlock(parsing: "0.0.0.0/0"), gateway: try IPAddress(parsing: hostAddress), linkIndex: 100)),
        ])
    }
}
