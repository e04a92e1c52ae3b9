// SPDX-License-Identifier: Apache-2.0
import Linux
import Netlink

/// How IPv4 behaves on one link: what is in `net.ipv4.conf.<link>`, set by netlink. What is nil is left as it is.
package struct IPv4LinkSettings: Hashable, Sendable, Codable {
    package enum ReversePathFilter: Int, Hashable, Sendable, Codable {
        case off = 0
        case strict = 1
        case loose = 2
    }

    /// `forwarding`: what comes in here may leave elsewhere.
    package let forwards: Bool?
    /// `rp_filter`: what claims to come from an address that is not reached this way is dropped.
    package let reversePathFilter: ReversePathFilter?
    /// `proxy_arp`: answers for all addresses that are routed elsewhere.
    package let answersForOthers: Bool?
    /// `net.ipv4.neigh.<link>.proxy_delay` is 0: answers for others come at once.
    package let proxyDelayIsZero: Bool

    package init(
        forwards: Bool? = nil, reversePathFilter: ReversePathFilter? = nil, answersForOthers: Bool? = nil,
        proxyDelayIsZero: Bool = false
    ) {
        self.forwards = forwards
        self.reversePathFilter = reversePathFilter
        self.answersForOthers = answersForOthers
        self.proxyDelayIsZero = proxyDelayIsZero
    }
}

extension IPv4LinkSettings {
    var options: IPv4LinkOptions {
        let filter: IPv4LinkOptions.ReversePathFilter? =
            switch reversePathFilter {
            case .off: .off
            case .strict: .strict
            case .loose: .loose
            case nil: nil
            }
        return IPv4LinkOptions(forwards: forwards, reversePathFilter: filter, proxiesARP: answersForOthers)
    }

    func check(_ link: InterfaceName, in side: SideSnapshot) throws -> [Difference] {
        func difference(_ key: String, _ expected: Int?) throws -> Difference? {
            guard let expected else { return nil }
            let found = try side.value(of: .ipv4(interface: link.text, key))
            return Difference(key, expected: "\(expected)", found: found)
        }
        var differences = [
            try difference("forwarding", forwards.map { $0 ? 1 : 0 }),
            try difference("rp_filter", reversePathFilter?.rawValue),
            try difference("proxy_arp", answersForOthers.map { $0 ? 1 : 0 }),
        ].compactMap(\.self)
        if proxyDelayIsZero {
            let found = try side.value(of: Sysctl("net", "ipv4", "neigh", link.text, "proxy_delay"))
            if let difference = Difference("proxy_delay", expected: "0", found: found) {
                differences.append(difference)
            }
        }
        return differences
    }
}
