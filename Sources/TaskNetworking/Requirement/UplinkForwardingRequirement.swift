// SPDX-License-Identifier: Apache-2.0
package import Addressing
import Linux
import Netlink

/// A link of the host's forwards what comes in by it, though the host as a whole does not: the answers to what tasks send out
/// come in there.
///
/// By sysctl and not by netlink, which would leave the NIC gluing packets together that are to go on.
package struct UplinkForwardingRequirement: Hashable, Sendable, Codable {
    package let link: InterfaceName
    package let family: IPFamily

    package init(link: InterfaceName, family: IPFamily) {
        self.link = link
        self.family = family
    }
}

extension UplinkForwardingRequirement: RequirementKind {
    var label: String { "\(family) forwarding on \(link)" }
    var scope: RequirementScope { .host }

    func apply(in ground: Ground) throws -> ApplyOutcome {
        let setting = try Self.setting(family, link.text)
        // A link that has gone meanwhile needs nothing.
        guard let value = try SideSnapshot(ground.host).value(of: setting), value == "0" else { return .found }
        try setting.write("1", in: ground.host.namespace)
        return .made
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        guard let found = try snapshot.host.value(of: Self.setting(family, link.text)),
            try !Self.isWholeHost(family, snapshot.host)
        else { return [] }
        return [Difference("\(try Self.setting(family, link.text))", expected: "1", found: found)].compactMap(\.self)
    }

    /// Leaves it on where all links are on by now: whoever switched that on may need this one, too.
    func undo(in ground: Ground) throws {
        let host = SideSnapshot(ground.host)
        guard try host.value(of: Self.setting(family, "all")) == "0",
            try host.value(of: Self.setting(family, link.text)) == "1"
        else { return }
        try Self.setting(family, link.text).write("0", in: ground.host.namespace)
    }
}

extension UplinkForwardingRequirement {
    /// IPv6 has a switch for the whole host; this one is for a link, or all (Linux 6.17).
    static func setting(_ family: IPFamily, _ link: String) throws(LinuxError) -> Sysctl {
        switch family {
        case .v4: try .ipv4(interface: link, "forwarding")
        case .v6: try .ipv6(interface: link, "force_forwarding")
        }
    }

    /// Whether the host forwards whatever a link's own setting is, or was made to on all links at once.
    static func isWholeHost(_ family: IPFamily, _ host: SideSnapshot) throws -> Bool {
        if try host.value(of: setting(family, "all")) == "1" { return true }
        return try family == .v6 && host.value(of: .ipv6(interface: "all", "forwarding")) == "1"
    }
}
