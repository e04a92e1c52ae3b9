// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import GRDB
import Linux
import Logging
import SystemPackage
import TaskNetworking

extension Reconciler {
    /// Removes what is the daemon's by its mark, and nobody's by the store.
    ///
    /// First the host is read and then the store: whatever is being made has its intent there before it is anywhere else.
    func removeLeftovers(_ run: inout ReconciliationDescription.Run) async throws {
        let configuration = configuration
        let leftovers = try await Blocking.run { try RuntimeLeftovers(configuration) }
        let tasks = try await store.read { try $0.taskIDs() }
        let directory = try AbsolutePath(configuration.namespaceDirectory.string)
        for id in leftovers.runtime.subtracting(tasks.live).sorted() {
            try Task.checkCancellation()
            run.removed += await removeRuntime(of: id, leftovers)
        }
        // After the pause processes, which hold namespaces.
        run.removed += await removeFromKernel(directory)
        run.told += leftovers.state.subtracting(tasks.known).sorted().map { id in
            """
            directory \(configuration.taskStateDirectory(id)) is of a task that is not known: what is in it may be \
            wanted; rm -r removes it
            """
        }
    }

    /// The pause process of a task that does not run, and its directory.
    /// - Returns: what was removed, in words.
    private func removeRuntime(of id: String, _ leftovers: RuntimeLeftovers) async -> [String] {
        do {
            return try await journal.inTurn(of: .task(id)) {
                guard try await !store.read({ try $0.taskIDs().live.contains(id) }) else { return [] }
                let process = try await Blocking.run { leftovers.pauseProcess(of: id) }
                let directory = leftovers.configuration.taskRuntimeDirectory(id)
                var removed: [(kind: String, text: String)] = [("directory", "directory \(directory)")]
                if let process { removed.insert(("process", "pause process \(process.pid) of task \(id)"), at: 0) }
                try await journal.make(.removal) { _ in
                } kernel: { _, _ in
                    if let process { await process.endPause() }
                    try await Blocking.run { try leftovers.removeRuntimeDirectory(of: id) }
                } outcome: { [removed] store, _ in
                    for (_, text) in removed {
                        try store.append(EventRecord(.removal, subject: text, to: "REMOVED", cause: "no task has it"))
                    }
                }
                for (kind, text) in removed { noteRemoval(kind, text) }
                return removed.map(\.text)
            }
        } catch is CancellationError {
            return []
        } catch {
            log.error("what a task left is not removed", metadata: ["task": "\(id)", "error": "\(error)"])
            return []
        }
    }

    /// Links, routes and namespaces.
    private func removeFromKernel(_ namespaceDirectory: AbsolutePath) async -> [String] {
        do {
            let kernel = kernel
            let survey = try await Blocking.run { try kernel.survey(namespaceDirectory: namespaceDirectory) }
            if survey.isEmpty { return [] }
            let wasReleased = released
            released = Set(survey.links.filter { $0.mark == nil })
            let nobodys = try await store.read { try $0.nobodys(survey, released: wasReleased) }
            if nobodys.isEmpty { return [] }
            return try await journal.inTurn(of: .host) {
                let removed: [OwnedObject] = try await journal.make(.removal) { store in
                    // Subnets come and go in the host's turn.
                    try store.nobodys(survey, released: wasReleased)
                } kernel: { kernel, objects -> [OwnedObject] in
                    let result = try await Blocking.run { kernel.remove(objects) }
                    // What is still there is seen by the next look.
                    if let error = result.errors.first { throw error }
                    return objects
                } outcome: { store, objects -> [OwnedObject] in
                    for object in objects {
                        let event = EventRecord(
                            .removal, subject: "\(object)", to: "REMOVED", cause: "nobody has it")
                        _ = try store.append(event)
                    }
                    return objects
                }
                for object in removed { noteRemoval(object.countedAs, "\(object)") }
                return removed.map(\.description)
            }
        } catch is CancellationError {
            return []
        } catch {
            log.error("what belongs to nobody is not removed", metadata: ["error": "\(error)"])
            return []
        }
    }

    func noteRemoval(_ kind: String, _ text: String) {
        removalCounts[kind, default: 0] += 1
        log.warning("removed what belongs to nobody", metadata: ["what": "\(text)"])
    }
}

extension OwnedObject {
    /// The word that removals are counted by.
    fileprivate var countedAs: String {
        switch self {
        case .link: "link"
        case .route, .subnet: "route"
        case .namespace: "namespace"
        }
    }
}

extension NetworkSurvey {
    fileprivate var isEmpty: Bool { links.isEmpty && routes.isEmpty && subnets.isEmpty && namespaces.isEmpty }
}

extension StoreTransaction {
    /// What of a survey no task, sandbox or subnet has.
    ///
    /// - Parameter released: links that were released when somebody looked before: one that the kernel has not taken away
    ///   since then will stay.
    fileprivate func nobodys(_ survey: NetworkSurvey, released: Set<OwnedLink>) throws -> [OwnedObject] {
        let tasks = try taskIDs().live
        let interfaces = try Set(
            String.fetchAll(
                database,
                sql: "SELECT id FROM network_interfaces WHERE status NOT IN ('DETACHED', 'DELETED', 'FAILED')"))
        let blocks = try Set(hostNetworkPlan()?.blocks ?? [])
        let links = survey.links.filter { link in
            guard let mark = link.mark else { return released.contains(link) }
            let hasInterface = mark.networkInterfaceID.map(interfaces.contains) ?? false
            return !hasInterface && !tasks.contains(mark.taskID)
        }
        let gone = Set(links)
        return survey.routes.filter { $0.link.map(gone.contains) ?? true }.map(OwnedObject.route)
            + survey.subnets.filter { !blocks.contains($0.block) }.map(OwnedObject.subnet)
            + survey.namespaces.filter { !tasks.contains($0.taskID) }.map(OwnedObject.namespace)
            + links.map(OwnedObject.link)
    }

    /// The tasks that have something on the host or may have it, and all that are remembered.
    fileprivate func taskIDs() throws -> (live: Set<String>, known: Set<String>) {
        (
            try Set(
                String.fetchAll(
                    database,
                    sql: """
                        SELECT id FROM tasks
                        WHERE last_status <> 'STOPPED' OR id IN (SELECT task_id FROM network_plans)
                        """)),
            try Set(String.fetchAll(database, sql: "SELECT id FROM tasks"))
        )
    }
}
