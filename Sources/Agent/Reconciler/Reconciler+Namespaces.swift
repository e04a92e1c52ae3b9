// SPDX-License-Identifier: Apache-2.0
import GRDB
import Linux
import Logging
import SystemPackage

extension Reconciler {
    /// Follows what is mounted and unmounted on the host, and looks at the tasks whose namespaces have lost their names,
    /// until it is cancelled.
    func watchNamespaces() async {
        do {
            let changes = try MountChanges()
            while await changes.next() {
                await checkNamespaces()
                // Tasks that come and go mount and unmount, too: all that happens in a second is looked at once.
                try await Task.sleep(for: .seconds(1))
            }
        } catch is CancellationError {
            // The daemon ends.
        } catch {
            log.error(
                "namespaces that are unmounted are noticed only from time to time: restart tasknetd",
                metadata: ["error": "\(error)"])
        }
    }

    private func checkNamespaces() async {
        do {
            let places = try await store.read { try $0.runningNamespaces() }
            let unbound = try await Blocking.run { places.filter { !$0.isBound } }
            if !unbound.isEmpty { await check(Set(unbound.map { .task($0.taskID) })) }
        } catch {
            log.error("namespaces are not looked at", metadata: ["error": "\(error)"])
        }
    }
}

/// Where a task's namespace is bound, and whose it is.
private struct NamespacePlace: Sendable {
    let taskID: String
    let path: String
    let pauseID: Int32?

    /// Whether the task's is there. Blocks.
    var isBound: Bool {
        guard let bound = try? NetworkNamespace(path: FilePath(path)) else { return false }
        guard let own = pauseID.flatMap({ try? NetworkNamespace(pid: $0) }) else { return true }
        return bound == own
    }
}

extension StoreTransaction {
    /// Of tasks that run and are not to stop.
    fileprivate func runningNamespaces() throws -> [NamespacePlace] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT id, json_extract(record, '$.namespacePath') AS path,
                    json_extract(record, '$.pause.processID') AS pid
                FROM tasks
                WHERE last_status = 'RUNNING' AND desired_status = 'RUNNING' AND path IS NOT NULL
                """
        ).map { NamespacePlace(taskID: $0["id"], path: $0["path"], pauseID: $0["pid"]) }
    }
}
