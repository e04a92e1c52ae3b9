// SPDX-License-Identifier: Apache-2.0
import Linux
import Netlink

/// The host forwards IPv6: needed as a whole where the kernel cannot do it for single links (before Linux 6.17).
package struct IPv6ForwardingRequirement: Hashable, Sendable, Codable {
    package init() {}
}

extension IPv6ForwardingRequirement: RequirementKind {
    var label: String { "IPv6 forwarding" }
    var scope: RequirementScope { .host }

    func apply(in ground: Ground) throws -> ApplyOutcome {
        let namespace = ground.host.namespace
        let forwarding = try Sysctl.ipv6(interface: "all", "forwarding")
        if try forwarding.read(in: namespace) == "1" { return .found }
        // A link that takes router advertisements stops doing so when the host becomes a router: the host would lose
        // its own default route. 2 means "also then".
        for link in try ground.host.connection.links() {
            let accepting = try Sysctl.ipv6(interface: link.name, "accept_ra")
            if (try? accepting.read(in: namespace)) == "1" { try accepting.write("2", in: namespace) }
        }
        try forwarding.write("1", in: namespace)
        return .made
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        let found = try snapshot.host.value(of: .ipv6(interface: "all", "forwarding"))
        return [Difference("net.ipv6.conf.all.forwarding", expected: "1", found: found)].compactMap(\.self)
    }

    /// Stays on: nobody can tell who else on the host has come to need it.
    func undo(in ground: Ground) {}
}
