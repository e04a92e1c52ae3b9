// SPDX-License-Identifier: Apache-2.0
import Linux

/// A link's setting for which there is no netlink message.
package struct SysctlRequirement: Hashable, Sendable, Codable {
    /// The settings that we use: a plan from the store cannot name any other file.
    package enum Key: String, Hashable, Sendable, Codable {
        case acceptRouterAdvertisements = "accept_ra"
        case disableIPv6 = "disable_ipv6"
        case forceForwarding = "force_forwarding"
    }

    package let scope: RequirementScope
    package let link: InterfaceName
    package let key: Key
    package let value: Int

    package init(scope: RequirementScope, link: InterfaceName, key: Key, value: Int) {
        self.scope = scope
        self.link = link
        self.key = key
        self.value = value
    }
}

extension SysctlRequirement {
    /// What comes in by a host's end is not taken for a router's advertisement.
    static func noRouterAdvertisements(on hostEnd: InterfaceName) -> SysctlRequirement {
        SysctlRequirement(scope: .host, link: hostEnd, key: .acceptRouterAdvertisements, value: 0)
    }

    /// Nothing comes in or goes out by a host's end but IPv4.
    static func noIPv6(on hostEnd: InterfaceName) -> SysctlRequirement {
        SysctlRequirement(scope: .host, link: hostEnd, key: .disableIPv6, value: 1)
    }
}

extension SysctlRequirement: RequirementKind {
    var label: String { "\(key.rawValue) = \(value) on \(link)" }

    /// Written without a look at what is there: the look would cost as much.
    func apply(in ground: Ground) throws -> ApplyOutcome {
        if ground.knows(.sysctl(self)) { return .made }
        try sysctl().write("\(value)", in: ground.side(scope).namespace)
        return .made
    }

    func check(in snapshot: Snapshot) throws -> [Difference] {
        let found = try snapshot.side(scope)?.value(of: sysctl())
        return [Difference(key.rawValue, expected: "\(value)", found: found)].compactMap(\.self)
    }

    /// A link's settings go with the link.
    func undo(in ground: Ground) {}

    private func sysctl() throws(LinuxError) -> Sysctl { try .ipv6(interface: link.text, key.rawValue) }
}
