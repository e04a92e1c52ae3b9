// SPDX-License-Identifier: Apache-2.0

import Addressing
import JSON
import Linux
import Netlink

/// The links that the host's default routes leave by: the answers to what tasks send to the outside come in there.
struct UplinkChecks {
    static let area = SysctlChecks.area

    /// By name, with the families.
    var uplinks: [(name: String, family: IPFamily)] = []

    /// Those of this host, as far as they can be read.
    init() {
        guard let connection = try? RouteConnection() else { return }
        for family in IPFamily.allCases {
            let routes = (try? connection.routes(RouteFilter(family: family, table: .main, kind: .unicast))) ?? []
            let indexes = Set(
                routes.filter { $0.destination.prefixLength == 0 }
                    .flatMap { [$0.linkIndex].compactMap(\.self) + $0.furtherLinkIndexes })
            uplinks += indexes.sorted().compactMap { index in
                (try? connection.link(index: index)).map { ($0.name, family) }
            }
        }
    }

    /// - Parameters:
    ///   - tasksRun: whether there are tasks whose packets go through the host.
    ///   - families: the subnets'.
    func findings(tasksRun: Bool, families: Set<IPFamily>) -> [Finding] {
        var findings = uplinks.filter { families.contains($0.family) }.compactMap {
            forwarding($0.name, $0.family, tasksRun)
        }
        let names = Set(uplinks.filter { $0.family == .v4 }.map(\.name)).sorted()
        // With one way out the answers cannot come in by another.
        if names.count > 1, tasksRun { findings += names.compactMap(Self.reversePath) }
        return findings
    }

    private func forwarding(_ link: String, _ family: IPFamily, _ tasksRun: Bool) -> Finding? {
        let setting: Sysctl?
        switch family {
        case .v4: setting = try? .ipv4(interface: link, "forwarding")
        case .v6:
            // Elsewhere it is the whole host's, which is looked at by itself.
            guard (try? Sysctl.ipv6(interface: "all", "forwarding").read()) == "0" else { return nil }
            setting = try? .ipv6(interface: link, "force_forwarding")
        }
        guard let setting, let value = try? setting.read() else { return nil }
        guard value == "0" else { return Finding(Self.area, .ok, "\(family) is forwarded on \(EscapedText.of(link))") }
        return Finding(
            Self.area, tasksRun ? .problem : .note,
            """
            \(EscapedText.of("\(setting)")) is 0: answers to what tasks send to the outside end at the host
            """,
            mend: """
                set manageForwarding: true in /etc/tasknet/tasknet.yaml and restart tasknetd, or \
                sysctl -w \(EscapedText.of("\(setting)"))=1
                """)
    }

    private static func reversePath(_ link: String) -> Finding? {
        let values = ["all", link].compactMap { name in
            (try? Sysctl.ipv4(interface: name, "rp_filter").read()).flatMap { Int($0) }
        }
        // The kernel takes the higher of the two.
        guard values.max() == 1 else { return nil }
        let setting = (try? Sysctl.ipv4(interface: link, "rp_filter")).map { "\($0)" } ?? ""
        return Finding(
            area, .note,
            """
            rp_filter is strict on \(EscapedText.of(link)), and there is more than one way out: an answer that comes in \
            by another link than the way back is dropped
            """,
            mend: "sysctl -w \(EscapedText.of(setting))=2")
    }
}
