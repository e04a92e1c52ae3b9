// SPDX-License-Identifier: Apache-2.0
package import Netfilter

/// What was counted since the tables were made.
package struct FirewallCounters: Hashable, Sendable {
    /// By the rule's id: the packets that it decided on, which are the first of each connection.
    package var rules: [String: Counter] = [:]
    /// By the name of the host's end.
    package var interfaces: [String: InterfaceCounters] = [:]
    package var general: [General: Counter] = [:]

    /// What was dropped of one ENI's.
    package struct InterfaceCounters: Hashable, Sendable {
        /// It was not the ENI's to say so: a source address or MAC that it does not have, also in ARP and neighbour discovery.
        package var spoofed = Counter(packets: 0, bytes: 0)
        /// None of its groups allows it to be sent.
        package var deniedEgress = Counter(packets: 0, bytes: 0)
        /// None of its groups allows it to come in.
        package var deniedIngress = Counter(packets: 0, bytes: 0)

        package init() {}
    }

    /// What is not counted by rule or ENI, by its name in the ruleset.
    package enum General: String, Hashable, Sendable, CaseIterable {
        /// Let through as part of a connection that a rule has let through.
        case established
        /// Dropped: fits no connection.
        case invalid
        /// Dropped: TCP from the middle of a connection that is not known (any more).
        case halfOpen = "half-open"
        /// Dropped: from outside, with a source in the VPC.
        case forgedOutside = "forged-outside"
        /// Dropped: from or to a link of ours that belongs to no known ENI.
        case unknownInterface = "unknown-interface"
        /// Dropped: to the instance metadata service.
        case blockedMetadata = "blocked-metadata"
        /// Dropped: from a task, to a loopback address (127.0.0.0/8) of the host.
        case loopback
        /// Refused: to outside, from a subnet with the route `none`.
        case noRoute = "no-route"
        /// Refused: to an address of the VPC that nobody has.
        case nobody
        /// Dropped: from outside, to a subnet whose route is not `public`.
        case notPublic = "not-public"
        /// Dropped: by an interface that forwards for tasks only, for something else.
        case onlyForTasks = "only-for-tasks"
        /// Dropped: from the host to a task, and the host's groups do not allow it.
        case hostDeniedEgress = "host-denied-egress"
        /// Dropped: from a task to the host, and the host's groups do not allow it.
        case hostDeniedIngress = "host-denied-ingress"
    }
}

extension FirewallTables {
    func counters() throws -> FirewallCounters {
        for table in Table.allCases where try connection.comment(of: table.id) == nil {
            throw FirewallError.missingTable("\(table.id)")
        }
        var counters = FirewallCounters()
        for (name, counter) in try connection.counters(in: Table.inet.id) {
            if let general = FirewallCounters.General(rawValue: name) {
                counters.general[general] = counter
            } else {
                counters.rules[name] = counter
            }
        }
        try add(.spoofed, to: &counters, \.spoofed)
        try add(.arpSpoofed, to: &counters, \.spoofed)
        try add(.deniedEgress, to: &counters, \.deniedEgress)
        try add(.deniedIngress, to: &counters, \.deniedIngress)
        return counters
    }

    func counter(_ name: String) throws -> Counter? {
        do throws(NetfilterError) {
            return try connection.counter(name, in: Table.inet.id)
        } catch {
            guard error.isNotFound else { throw error }
            return nil
        }
    }

    func counters(of hostName: String) throws -> FirewallCounters.InterfaceCounters {
        let key = try SetKey(.interface(hostName))
        func read(_ set: SetName) throws -> Counter {
            try connection.element(key, of: set.name, in: set.table.id)?.counter ?? Counter(packets: 0, bytes: 0)
        }
        var counters = FirewallCounters.InterfaceCounters()
        let (spoofed, arpSpoofed) = (try read(.spoofed), try read(.arpSpoofed))
        counters.spoofed = Counter(
            packets: spoofed.packets + arpSpoofed.packets, bytes: spoofed.bytes + arpSpoofed.bytes)
        counters.deniedEgress = try read(.deniedEgress)
        counters.deniedIngress = try read(.deniedIngress)
        return counters
    }

    private func add(
        _ set: SetName, to counters: inout FirewallCounters,
        _ place: WritableKeyPath<FirewallCounters.InterfaceCounters, Counter>
    ) throws {
        for element in try elements(of: set.name, in: set.table) ?? [] {
            guard let name = InterfaceText.name(of: element.key.bytes), let counter = element.counter else { continue }
            var interface = counters.interfaces[name] ?? FirewallCounters.InterfaceCounters()
            interface[keyPath: place].packets += counter.packets
            interface[keyPath: place].bytes += counter.bytes
            counters.interfaces[name] = interface
        }
    }
}
