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
            let paths = try await store.read { try $0.runningNamespacePaths() }
            let unbound = try await Blocking.run {
                paths.filter { (try? NetworkNamespace(path: FilePath($0.value))) == nil }.keys
            }
            if !unbound.isEmpty { await check(Set(unbound.map(NetworkOwner.task))) }
        } catch {
            log.error("namespaces are not looked at", metadata: ["error": "\(error)"])
        }
    }
}

extension StoreTransaction {
    /// Where the namespaces of tasks are bound that run and are not to stop, by the tasks' ids.
    fileprivate func runningNamespacePaths() throws -> [String: String] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT id, json_extract(record, '$.namespacePath') AS path FROM tasks
                WHERE last_status = 'RUNNING' AND desired_status = 'RUNNING' AND path IS NOT NULL
                """)
        return Dictionary(rows.map { ($0["id"], $0["path"]) }) { first, _ in first }
    }
}
