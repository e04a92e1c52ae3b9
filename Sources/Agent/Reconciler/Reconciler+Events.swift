// SPDX-License-Identifier: Apache-2.0
import Addressing
import GRDB
import Linux
import Logging
import Netlink
import SystemPackage
import TaskNetworking
import VPC

extension Reconciler {
    /// Follows what is taken away on the host and in the tasks' namespaces, and looks at those whose it is, until it is
    /// cancelled.
    func watchKernel() async {
        do {
            let host = kernel.hostNamespace
            let events = try NamespaceEvents(in: host)
            var numbers = NamespaceNumbers()
            for link in try await Blocking.run({ try RouteConnection(in: host).links() }) { numbers.learn(link) }
            // What was changed before is not among the events.
            await runUnasked()
            try await identify(&numbers, naming: true)
            var pace = RepairPace()
            while let happened = try await events.next() {
                if happened.contains(.overflow) {
                    let delay = pace.delay(at: .now)
                    if delay > .zero { try await Task.sleep(for: delay) }
                    await runUnasked()
                    pace.note(at: .now)
                } else {
                    try await look(after: happened, &numbers)
                }
            }
        } catch is CancellationError {
            // The daemon ends.
        } catch {
            log.error(
                "what happens to networks is noticed only from time to time: restart tasknetd",
                metadata: ["error": "\(error)"])
        }
    }

    private func look(after events: [NamespaceEvent], _ numbers: inout NamespaceNumbers) async throws {
        var seen = Seen()
        for event in events { if case .link(nil, let link, _) = event { numbers.learn(link) } }
        for event in events {
            if let number = event.unknownNamespace(numbers) {
                try await identify(&numbers, naming: false)
                if numbers.interfaces(in: number) == nil { numbers.note(foreign: number) }
            }
            seen.add(event, numbers)
            if case .namespaceEnded(let number) = event { numbers.forget(number) }
        }
        await repairThoseWaiting(for: seen.devices)
        if seen.isEmpty { return }
        let owners = try await store.read { [seen] in try $0.owners(touchedBy: seen) }
        if !owners.isEmpty { await check(owners) }
    }

    /// Finds the numbers that the host has for the namespaces of attached ENIs.
    ///
    /// - Parameter naming: whether those get one that have none: the kernel numbers only those that a link leads to.
    private func identify(_ numbers: inout NamespaceNumbers, naming: Bool) async throws {
        let host = kernel.hostNamespace
        let places = try await store.read { try $0.attachedPlaces() }
        let found = try await Blocking.run {
            let connection = try RouteConnection(in: host)
            return places.compactMap { id, path -> (Int32, String)? in
                guard let namespace = try? NetworkNamespace(path: FilePath(path)) else { return nil }
                let number =
                    naming
                    ? try? connection.makeNamespaceID(of: namespace) : try? connection.namespaceID(of: namespace)
                return number.map { ($0, id) }
            }
        }
        for (number, id) in found { numbers.learn(number, has: id) }
    }

    /// A device that comes back is not kept waiting for the next attempt.
    private func repairThoseWaiting(for devices: Set<MACAddress>) async {
        for (owner, history) in histories {
            guard let failure = history.failure, !failure.missingDevices.isDisjoint(with: devices) else { continue }
            _ = await repair(owner)
        }
    }
}

extension NamespaceEvent {
    /// The namespace in which something was taken away, of which nobody knows whose it is.
    fileprivate func unknownNamespace(_ numbers: NamespaceNumbers) -> Int32? {
        let number: Int32?
        switch self {
        case .addressRemoved(let id, _), .routeRemoved(let id, _), .routeReplaced(let id, _), .ruleRemoved(let id, _):
            number = id
        case .link(let id, _, let isRemoved): number = isRemoved ? id : nil
        default: number = nil
        }
        guard let number, numbers.interfaces(in: number) == nil, !numbers.foreign.contains(number) else { return nil }
        return number
    }
}

/// What events were about, before the store is asked whether it matters.
private struct Seen: Sendable {
    var interfaces: [(id: String, sighting: Sighting)] = []
    var addresses: [(address: IPAddress, sighting: Sighting)] = []
    var host: [Sighting] = []
    /// MAC addresses of links that came or changed on the host.
    var devices: Set<MACAddress> = []

    var isEmpty: Bool { interfaces.isEmpty && addresses.isEmpty && host.isEmpty }

    mutating func add(_ event: NamespaceEvent, _ numbers: NamespaceNumbers) {
        switch event {
        case .link(nil, let link, let isRemoved):
            if let id = link.networkInterfaceID { interfaces.append((id, .hostEnd(link, isRemoved: isRemoved))) }
            if !isRemoved, let address = link.macAddress { devices.insert(address) }
        case .link(let number?, let link, let isRemoved):
            add(number, .taskLink(link, isRemoved: isRemoved), numbers)
        case .addressRemoved(nil, let address): host.append(.addressRemoved(address.address, .host))
        case .addressRemoved(let number?, let address): add(number, .addressRemoved(address.address, .task), numbers)
        case .routeRemoved(nil, let route), .routeReplaced(nil, let route): addHost(route)
        case .routeRemoved(let number?, let route), .routeReplaced(let number?, let route):
            add(number, .routeChanged(route.destination, .task), numbers)
        case .ruleRemoved(let number?, _): add(number, .ruleRemoved, numbers)
        case .ruleRemoved(nil, _), .namespaceEnded, .overflow: break
        }
    }

    private mutating func add(_ number: Int32, _ sighting: Sighting, _ numbers: NamespaceNumbers) {
        for id in numbers.interfaces(in: number) ?? [] { interfaces.append((id, sighting)) }
    }

    /// To an ENI's address, or for a subnet.
    private mutating func addHost(_ route: Route) {
        let destination = route.destination
        let sighting = Sighting.routeChanged(destination, .host)
        if destination.prefixLength == (destination.family == .v4 ? 32 : 128), let address = destination.address(at: 0)
        {
            addresses.append((address, sighting))
        } else {
            host.append(sighting)
        }
    }
}

extension StoreTransaction {
    /// Those of whom something that was seen can have made a plan untrue.
    fileprivate func owners(touchedBy seen: Seen) throws -> Set<NetworkOwner> {
        var owners: Set<NetworkOwner> = []
        var known: [String: [Expectation]] = [:]
        var sightings = seen.interfaces
        for (address, sighting) in seen.addresses {
            if let id = try leaseOwner(of: address) { sightings.append((id, sighting)) }
        }
        for (id, sighting) in sightings {
            if known[id] == nil {
                known[id] = try expectations(ofInterface: id).flatMap { try $0.expectations() }
            }
            let expectations = known[id] ?? []
            guard let owner = expectations.first?.owner, !owners.contains(owner) else { continue }
            let isTouched =
                switch sighting {
                // One of its plans has it.
                case .hostEnd: expectations.allSatisfy { $0.isTouched(by: sighting) }
                default: expectations.contains { $0.isTouched(by: sighting) }
                }
            if isTouched { owners.insert(owner) }
        }
        if !seen.host.isEmpty {
            let host = try expectations(of: .host).flatMap { try $0.expectations() }
            if host.contains(where: { host in seen.host.contains { host.isTouched(by: $0) } }) { owners.insert(.host) }
        }
        return owners
    }

    private func leaseOwner(of address: IPAddress) throws -> String? {
        try String.fetchOne(
            database, sql: "SELECT network_interface_id FROM address_leases WHERE address = ?",
            arguments: [address.description])
    }

    /// Where attached ENIs are, of tasks that run and of sandboxes, by their ids.
    fileprivate func attachedPlaces() throws -> [(id: String, path: String)] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT network_interfaces.id AS id,
                    coalesce(json_extract(tasks.record, '$.namespacePath'),
                        json_extract(network_interfaces.record, '$.sandbox.path')) AS path
                FROM network_interfaces LEFT JOIN tasks ON tasks.id = task_id
                WHERE network_interfaces.status = 'ATTACHED' AND path IS NOT NULL
                """
        ).map { ($0["id"], $0["path"]) }
    }
}
