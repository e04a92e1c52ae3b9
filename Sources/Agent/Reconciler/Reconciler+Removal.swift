// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import GRDB
import Linux
import Logging

extension Reconciler {
    /// Removes what is the daemon's by its mark, and nobody's by the store.
    ///
    /// First the host is read and then the store: whatever is being made has its intent there before it is anywhere else.
    func removeLeftovers(_ run: inout ReconciliationDescription.Run) async throws {
        let configuration = configuration
        let leftovers = try await Blocking.run { try RuntimeLeftovers(configuration) }
        let tasks = try await store.read { try $0.taskIDs() }
        for id in leftovers.runtime.subtracting(tasks.live).sorted() {
            try Task.checkCancellation()
            run.removed += await removeRuntime(of: id, leftovers)
        }
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
                    if let process { await leftovers.end(process) }
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

    func noteRemoval(_ kind: String, _ text: String) {
        removalCounts[kind, default: 0] += 1
        log.warning("removed what belongs to nobody", metadata: ["what": "\(text)"])
    }
}

extension StoreTransaction {
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
