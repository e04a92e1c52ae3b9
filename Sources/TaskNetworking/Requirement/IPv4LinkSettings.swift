// SPDX-License-Identifier: Apache-2.0
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

    /// Of the host's end of a pair: it answers ARP for what it routes elsewhere, at once. The kernel's default delay is up
    /// to 0.8 s.
    static let hostEnd = IPv4LinkSettings(
        forwards: true, reversePathFilter: .strict, answersForOthers: true, proxyDelayIsZero: true)
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

    func check(_ link: Link, in side: SideSnapshot) throws -> [Difference] {
        let found = link.ipv4
        var differences = [
            Difference("forwarding", expected: forwards.map(\.digit), found: found?.forwards?.digit),
            Difference(
                "rp_filter", expected: reversePathFilter.map { UInt32($0.rawValue) },
                found: found?.reversePathFilter?.rawValue),
            Difference("proxy_arp", expected: answersForOthers.map(\.digit), found: found?.proxiesARP?.digit),
        ].compactMap(\.self)
        if proxyDelayIsZero {
            // In hundredths of a second, as `proxy_delay` has it.
            let found = try side.proxyDelay(on: link.index).map { ($0 + 9) / 10 }
            differences += [Difference("proxy_delay", expected: 0, found: found)].compactMap(\.self)
        }
        return differences
    }
}

extension Bool {
    /// As sysctls have it.
    fileprivate var digit: Int { self ? 1 : 0 }
}
