// SPDX-License-Identifier: Apache-2.0
import Linux

extension Side {
    /// Sets how IPv4 behaves on a link.
    func apply(_ settings: IPv4LinkSettings?, to link: InterfaceName) throws {
        guard let settings else { return }
        try namespace.enter {
            if let value = settings.forwards {
                try Sysctl.ipv4(interface: link.text, "forwarding").write(value ? "1" : "0")
            }
            if let value = settings.reversePathFilter {
                try Sysctl.ipv4(interface: link.text, "rp_filter").write("\(value.rawValue)")
            }
            if let value = settings.answersForOthers {
                try Sysctl.ipv4(interface: link.text, "proxy_arp").write(value ? "1" : "0")
            }
            if settings.proxyDelayIsZero {
                try Sysctl("net", "ipv4", "neigh", link.text, "proxy_delay").write("0")
            }
        }
    }
}
