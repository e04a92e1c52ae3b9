// SPDX-License-Identifier: Apache-2.0
import GRDB
import JSON
import TaskNetworking

/// An expectation as the store has it: read in a transaction, understood outside of it, because others wait meanwhile.
struct StoredExpectation: Sendable {
    fileprivate enum Content: Sendable {
        case host(HostNetworkPlan)
        case task(plans: String, pause: TaskRecord.PauseProcess?, attached: Set<String>)
        case sandbox(plan: String, SandboxRecord)
    }

    let owner: NetworkOwner
    fileprivate let content: Content

    /// Several for a task to which ENIs came.
    func expectations() throws -> [Expectation] {
        switch content {
        case .host(let plan): return [Expectation(owner, .host(plan))]
        case .task(let text, let pause, let attached):
            return try JSONDecoding.value(of: [MadeNetwork].self, in: text)
                .filter { $0.networkInterfaceID.map(attached.contains) ?? true }
                .map { Expectation(owner, .task($0.plan, pause: pause)) }
        case .sandbox(let text, let sandbox):
            let plan = try JSONDecoding.value(of: TaskNetworkPlan.self, in: text)
            return [Expectation(owner, .sandbox(plan, sandbox))]
        }
    }
}

extension StoreTransaction {
    /// The networks of all tasks that have one and are not to stop, of all sandboxes, and the host's. A task that does not
    /// run yet has one when all of its ENIs are attached: it is not made again.
    func allExpectations() throws -> [StoredExpectation] {
        try hostExpectation() + taskExpectations(id: nil) + sandboxExpectations(nil)
    }

    /// None where the owner has nothing that has to be there now: it is gone, its network is being made, or it
    /// stops.
    func expectations(of owner: NetworkOwner) throws -> [StoredExpectation] {
        switch owner {
        case .host: try hostExpectation()
        case .task(let id): try taskExpectations(id: id)
        case .sandbox(let key): try sandboxExpectations(key)
        // The model is its plan: groups compare it by themselves.
        case .packetFilter: []
        }
    }

    private func hostExpectation() throws -> [StoredExpectation] {
        try hostNetworkPlan().map { [StoredExpectation(owner: .host, content: .host($0))] } ?? []
    }

    /// - Parameter id: nil for all. One is found by it, and the others are not looked at.
    private func taskExpectations(id: String?) throws -> [StoredExpectation] {
        let arguments = StatementArguments([id].compactMap(\.self))
        let attached = try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT task_id, id FROM network_interfaces
                    WHERE status = 'ATTACHED' AND \(id == nil ? "task_id IS NOT NULL" : "task_id = ?")
                    """), arguments: arguments)
        let interfaces = Dictionary(grouping: attached) { $0["task_id"] as String }
            .mapValues { rows in Set(rows.map { $0["id"] as String }) }
        return try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT id, plan, json_extract(record, '$.pause.processID') AS pid,
                        json_extract(record, '$.pause.startTime') AS start_time
                    FROM network_plans JOIN tasks ON id = task_id
                    WHERE desired_status = 'RUNNING' AND json_extract(record, '$.stopCode') IS NULL
                        AND (last_status = 'RUNNING' OR last_status IN ('PROVISIONING', 'PENDING', 'ACTIVATING')
                            AND NOT EXISTS (
                                SELECT 1 FROM network_interfaces WHERE task_id = tasks.id AND status <> 'ATTACHED'))
                        \(id == nil ? "" : "AND id = ?")
                    ORDER BY sequence
                    """), arguments: arguments
        ).map { row in
            let id: String = row["id"]
            let pause = (row["pid"] as Int32?).flatMap { pid in
                (row["start_time"] as Int64?).map {
                    TaskRecord.PauseProcess(processID: pid, startTime: UInt64(max(0, $0)))
                }
            }
            return StoredExpectation(
                owner: .task(id),
                content: .task(plans: row["plan"], pause: pause, attached: interfaces[id, default: []]))
        }
    }

    /// - Parameter key: nil for all.
    private func sandboxExpectations(_ key: SandboxRecord.Key?) throws -> [StoredExpectation] {
        let condition = key == nil ? "" : "AND network = ? AND container_id = ? AND interface_name = ?"
        return try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    SELECT json_extract(record, '$.sandbox') AS sandbox, plan
                    FROM sandbox_attachments JOIN network_interfaces ON id = network_interface_id
                    WHERE status = 'ATTACHED' \(condition) ORDER BY sequence
                    """),
            arguments: StatementArguments(key.map { [$0.network, $0.containerID, $0.interfaceName] } ?? [])
        ).compactMap { row in
            guard let text = row["sandbox"] as String? else { return nil }
            let sandbox = try decode(SandboxRecord.self, text)
            return StoredExpectation(
                owner: .sandbox(sandbox.key), content: .sandbox(plan: row["plan"], sandbox))
        }
    }
}

extension StoreTransaction {
    /// The veth by which a sandbox's plan has its ENI, where that is attached.
    func sandboxVeth(networkInterfaceID id: String) throws -> VethRequirement? {
        try one(
            VethRequirement.self,
            """
            SELECT json_extract(requirement.value, '$.veth') FROM sandbox_attachments
            JOIN network_interfaces ON network_interfaces.id = network_interface_id
            JOIN json_each(plan, '$.requirements') AS requirement
            WHERE network_interface_id = ? AND status = 'ATTACHED'
                AND json_type(requirement.value, '$.veth') IS NOT NULL
            """, [id])
    }

    /// What is expected of whoever has an ENI; nothing where it is not attached, or its task stops.
    func expectations(ofInterface id: String) throws -> [StoredExpectation] {
        let row = try Row.fetchOne(
            database.cachedStatement(
                sql: """
                    SELECT task_id, json_extract(record, '$.sandbox.key') AS key FROM network_interfaces
                    WHERE id = ? AND status = 'ATTACHED'
                    """), arguments: [id])
        if let task = row?["task_id"] as String? { return try expectations(of: .task(task)) }
        guard let key = row?["key"] as String? else { return [] }
        return try expectations(of: .sandbox(try decode(SandboxRecord.Key.self, key)))
    }
}
