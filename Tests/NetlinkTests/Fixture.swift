// SPDX-License-Identifier: Apache-2.0
import Addressing
import Linux
import Netlink
import SystemPackage
import TestSupport
import Testing

/// Texts that the tests are sure of.
func ip(_ text: String) throws -> IPAddress { try IPAddress(parsing: text) }
func block(_ text: String) throws -> CIDRBlock { try CIDRBlock(parsing: text) }
func interfaceAddress(_ text: String) throws -> InterfaceAddress { try InterfaceAddress(parsing: text) }
func mac(_ text: String) throws -> MACAddress { try MACAddress(parsing: text) }

/// Two unnamed namespaces and a connection in each: enough where nothing has to be found by a path.
struct Pair {
    let host: NetworkNamespace
    let task: NetworkNamespace
    let onHost: RouteConnection
    let inTask: RouteConnection

    init() throws {
        host = try .create()
        task = try .create()
        onHost = try RouteConnection(in: host)
        inTask = try RouteConnection(in: task)
    }

    /// A veth that is up at both ends, one of them in the task's namespace: "tn-host" is 101, "eth0" is 102.
    func makeVeth() throws {
        let peer = PeerSpec(name: "tn-host", index: 101, isUp: true)
        try onHost.apply(
            .createLink(LinkSpec(name: "eth0", kind: .veth(peer: peer), index: 102, isUp: true, namespace: task)))
    }
}

/// The names of a namespace's links, sorted, without the tunnels that every namespace has once their modules are loaded.
func linkNames(_ connection: RouteConnection) throws -> [String] {
    let tunnels = [
        "erspan0", "gre0", "gretap0", "ip6_vti0", "ip6gre0", "ip6tnl0", "ip_vti0", "sit0", "tunl0",
    ]
    return try connection.links().map(\.name).filter { !tunnels.contains($0) }.sorted()
}

/// What iproute2 says about a link.
func shown(_ name: String, in namespace: NetworkNamespace) throws -> JSON {
    try runJSON(["ip", "-j", "-d", "link", "show", "dev", name], in: namespace)[0]
}
