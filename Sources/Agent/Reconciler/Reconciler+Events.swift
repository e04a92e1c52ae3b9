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
            let onHost = try NamespaceEvents(in: kernel.hostNamespace)
            try await addTaskNamespaces()
            // What was changed before is not among the events.
            await runUnasked()
            await withDiscardingTaskGroup { group in
                group.addTask { await self.follow { try await onHost.next() } }
                group.addTask { await self.follow { try await self.taskNamespaces.next() } }
            }
        } catch {
            note(error)
        }
    }

    private func follow(_ next: @Sendable () async throws -> [NamespaceEvent]?) async {
        do {
            var pace = RepairPace()
            while let happened = try await next() {
                if happened.contains(.overflow) {
                    let delay = pace.delay(at: .now)
                    if delay > .zero { try await Task.sleep(for: delay) }
                    await runUnasked()
                    pace.note(at: .now)
                } else {
                    try await look(after: happened)
                }
            }
        } catch {
            note(error)
        }
    }

    private func note(_ error: any Error) {
        // The daemon ends.
        if error is CancellationError { return }
        log.error(
            "what happens to networks is noticed only from time to time: restart tasknetd",
            metadata: ["error": "\(error)"])
    }

    private func look(after events: [NamespaceEvent]) async throws {
        var seen = Seen()
        for event in events { seen.add(event, taskNamespaces) }
        await repairThoseWaiting(for: seen.devices)
        if seen.isEmpty { return }
        let owners = try await store.read { [seen] in try $0.owners(touchedBy: seen) }
        if !owners.isEmpty { await check(owners) }
    }

    /// Those of tasks that an earlier daemon began.
    private func addTaskNamespaces() async throws {
        let places = try await store.read { try $0.attachedTasks() }
        let (namespaces, log) = (taskNamespaces, log)
        try await Blocking.run {
            for (id, path) in places {
                // One that is gone, or has lost its name, is a difference of its own.
                guard let namespace = try? NetworkNamespace(path: FilePath(path)) else { continue }
                do {
                    try namespaces.add(namespace, of: id)
                } catch {
                    log.warning(
                        "what happens in a task's namespace is noticed only from time to time",
                        metadata: ["task": "\(id)", "error": "\(error)"])
                }
            }
        }
    }

    /// A device that comes back is not kept waiting for the next attempt.
    private func repairThoseWaiting(for devices: Set<MACAddress>) async {
        for (owner, history) in histories {
            guard let failure = history.failure, !failure.missingDevices.isDisjoint(with: devices) else { continue }
            _ = await repair(owner)
        }
    }
}

/// What events were about, before the store is asked whether it matters.
private struct Seen: Sendable {
    var interfaces: [(id: String, sighting: Sighting)] = []
    var tasks: [(id: String, sighting: Sighting)] = []
    var addresses: [(address: IPAddress, sighting: Sighting)] = []
    var host: [Sighting] = []
    /// MAC addresses of links that came or changed on the host.
    var devices: Set<MACAddress> = []

    var isEmpty: Bool { interfaces.isEmpty && tasks.isEmpty && addresses.isEmpty && host.isEmpty }

    mutating func add(_ event: NamespaceEvent, _ namespaces: TaskNamespaces) {
        if let number = event.namespaceID {
            guard let task = namespaces.task(in: number), let sighting = Sighting(inTask: event) else { return }
            tasks.append((task, sighting))
            return
        }
        switch event {
        case .link(_, let link, let isRemoved):
            if let id = link.networkInterfaceID { interfaces.append((id, .hostEnd(link, isRemoved: isRemoved))) }
            if !isRemoved, let address = link.macAddress { devices.insert(address) }
        case .addressRemoved(_, let address): host.append(.addressRemoved(address.address, .host))
        case .routeRemoved(_, let route), .routeReplaced(_, let route): addHost(route)
        case .ruleRemoved, .namespaceEnded, .overflow: break
        }
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
        for (id, sightings) in Dictionary(grouping: seen.tasks, by: \.id) {
            let expectations = try expectations(of: .task(id)).flatMap { try $0.expectations() }
            let isTouched = expectations.contains { expectation in
                sightings.contains { expectation.isTouched(by: $0.sighting) }
            }
            if isTouched { owners.insert(.task(id)) }
        }
        var known: [String: [Expectation]] = [:]
        var sightings = seen.interfaces
        for (address, sighting) in seen.addresses {
            if let id = try leaseOwner(of: address) { sightings.append((id, sighting)) }
        }
        for (id, sighting) in sightings {
            // An ADD's own, as most are: known without reading all of the plan.
            if case .hostEnd(let link, isRemoved: false) = sighting,
                try sandboxVeth(networkInterfaceID: id)?.hasHostEnd(as: link) == true
            {
                continue
            }
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

    /// Tasks with attached ENIs, and where their namespaces are.
    fileprivate func attachedTasks() throws -> [(id: String, path: String)] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT id, json_extract(record, '$.namespacePath') AS path FROM tasks
                WHERE path IS NOT NULL
                    AND EXISTS (SELECT 1 FROM network_interfaces WHERE task_id = tasks.id AND status = 'ATTACHED')
                """
        ).map { ($0["id"], $0["path"]) }
    }
}
