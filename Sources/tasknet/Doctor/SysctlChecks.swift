// SPDX-License-Identifier: Apache-2.0

import Linux
import SystemPackage

/// The kernel parameters of the host that a task's packets depend on.
enum SysctlChecks {
    static let area = "sysctl"

    /// - Parameter taskLinks: the host's ends of the interfaces of tasks that run.
    static func findings(usesIPv6: Bool, taskLinks: [String]) -> [Finding] {
        var findings = [reversePathFilter(read("net", "ipv4", "conf", "all", "rp_filter"))]
        findings += forwarding(taskLinks)
        if usesIPv6 { findings.append(forwarding6()) }
        findings += routerAdvertisements()
        if let limit = read("user", "max_net_namespaces").flatMap({ Int($0) }), limit < 1000 {
            findings.append(
                Finding(
                    area, limit == 0 ? .problem : .note, "user.max_net_namespaces is \(limit): one task needs one",
                    mend: "sysctl -w user.max_net_namespaces=65536"))
        }
        return findings
    }

    /// Forwarding is switched on link by link. Whoever writes `net.ipv4.ip_forward` overwrites it on all of them.
    private static func forwarding(_ taskLinks: [String]) -> [Finding] {
        let off = taskLinks.filter { read("net", "ipv4", "conf", $0, "forwarding") == "0" }
        if off.isEmpty {
            return taskLinks.isEmpty ? [] : [Finding(area, .ok, "IPv4 is forwarded on the links of all tasks")]
        }
        return off.map { link in
            Finding(
                area, .problem,
                "net.ipv4.conf.\(link).forwarding is 0: its task reaches nobody. It was on; something on this host has "
                    + "written net.ipv4.ip_forward since",
                mend:
                    "sysctl -w net.ipv4.conf.\(link).forwarding=1, and find what writes it (grep -r ip_forward /etc/sysctl*)"
            )
        }
    }

    private static func forwarding6() -> Finding {
        if read("net", "ipv6", "conf", "default", "force_forwarding") != nil {
            return Finding(area, .ok, "IPv6 can be forwarded link by link")
        }
        switch read("net", "ipv6", "conf", "all", "forwarding") {
        case "0":
            return Finding(
                area, .problem,
                "net.ipv6.conf.all.forwarding is 0: tasks do not reach each other over IPv6, and this kernel cannot "
                    + "forward link by link",
                mend: "sysctl -w net.ipv6.conf.all.forwarding=1")
        case let value?: return Finding(area, .ok, "net.ipv6.conf.all.forwarding is \(value)")
        case nil:
            return Finding(
                area, .problem, "this kernel has no IPv6, and there is a subnet with an IPv6 block",
                mend: "boot without ipv6.disable=1, or take the IPv6 block out of the configuration")
        }
    }

    /// Strict filtering suits routed links: what comes out of a task's link must be routed back into it.
    static func reversePathFilter(_ value: String?) -> Finding {
        switch value {
        case "0"?: Finding(area, .ok, "net.ipv4.conf.all.rp_filter is 0 (each interface decides for itself)")
        case "1"?: Finding(area, .ok, "net.ipv4.conf.all.rp_filter is 1 (strict)")
        case "2"?:
            Finding(
                area, .note,
                "net.ipv4.conf.all.rp_filter is 2 (loose): it overrules the strict setting of the tasks' links, "
                    + "so that the kernel lets a task send with a foreign source address",
                mend: "sysctl -w net.ipv4.conf.all.rp_filter=1, or 0, where nothing else on this host needs 2")
        default: Finding(area, .unknown, "net.ipv4.conf.all.rp_filter cannot be read")
        }
    }

    /// A host that forwards IPv6 no longer learns its own default route, unless it is told to.
    private static func routerAdvertisements() -> [Finding] {
        guard read("net", "ipv6", "conf", "all", "forwarding") == "1",
            let routes = try? TextFile.read("/proc/net/ipv6_route")
        else { return [] }
        let learned = learnedDefaultRouteInterfaces(routes)
        return learned.filter { read("net", "ipv6", "conf", $0, "accept_ra") == "1" }.map { interface in
            Finding(
                area, .problem,
                "the IPv6 default route by \(interface) comes from router advertisements, which a host that forwards "
                    + "ignores: it will be gone when it expires",
                mend: "sysctl -w net.ipv6.conf.\(interface.replacing(".", with: "/")).accept_ra=2")
        }
    }

    /// The interfaces of default routes that routers announced, out of `/proc/net/ipv6_route`.
    static func learnedDefaultRouteInterfaces(_ table: String) -> [String] {
        // RTF_ADDRCONF and RTF_DEFAULT, made by the kernel out of an advertisement. Of linux/ipv6_route.h, which Glibc's
        // module does not have.
        let learned: UInt32 = 0x0005_0000
        var interfaces: [String] = []
        for line in table.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count == 10, fields[1] == "00", fields[0].allSatisfy({ $0 == "0" }),
                let flags = UInt32(fields[8], radix: 16), flags & learned == learned
            else { continue }
            interfaces.append(String(fields[9]))
        }
        return interfaces
    }

    private static func read(_ components: String...) -> String? {
        try? Sysctl(components).read()
    }
}
