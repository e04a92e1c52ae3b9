// SPDX-License-Identifier: Apache-2.0
import ECSAPI
import GRDB
package import VPC

/// Which tasks a list holds; nil means any.
package struct TaskFilter: Sendable, Equatable {
    package var desiredStatus: DesiredStatus?
    package var family: String?
    package var startedBy: String?
    package var launchType: LaunchType?

    package init(
        desiredStatus: DesiredStatus? = nil, family: String? = nil, startedBy: String? = nil,
        launchType: LaunchType? = nil
    ) {
        self.desiredStatus = desiredStatus
        self.family = family
        self.startedBy = startedBy
        self.launchType = launchType
    }
}

extension StoreTransaction {
    package func insert(_ task: TaskRecord) throws {
        try refusingDuplicates(of: "task \(task.id)") {
            try execute(
                sql: "INSERT INTO tasks (id, family, revision, record) VALUES (?, ?, ?, ?)",
                arguments: [task.id, task.family, task.revision, try encode(task)])
        }
        try append(EventRecord(task, from: nil))
    }

    private func update(_ task: TaskRecord) throws {
        try execute(
            sql: "UPDATE tasks SET record = ? WHERE id = ?", arguments: [try encode(task), task.id])
    }

    /// Changes a task's record as it is now.
    /// - Returns: the changed record, nil where there is no such task.
    /// - Throws: `IllegalTransition` for a status that does not follow the present one.
    @discardableResult
    package func updateTask(_ id: String, _ change: (inout TaskRecord) throws -> Void) throws -> TaskRecord? {
        guard var task = try task(id: id) else { return nil }
        let before = task.lastStatus
        try change(&task)
        try check(task.lastStatus, follows: before)
        try update(task)
        if task.lastStatus != before { try append(EventRecord(task, from: before)) }
        if task.lastStatus == .stopped, before != .stopped, let restart = PendingRestart(after: task, at: .now()) {
            try set(restart)
        }
        return task
    }

    /// Forgets a task, with its containers and ENIs.
    package func deleteTask(id: String) throws {
        try execute(sql: "DELETE FROM tasks WHERE id = ?", arguments: [id])
    }

    package func task(id: String) throws -> TaskRecord? {
        try one(TaskRecord.self, "SELECT record FROM tasks WHERE id = ?", [id])
    }

    package func tasks(ids: [String]) throws -> [TaskRecord] { try ids.compactMap { try task(id: $0) } }

    package func tasks(clientToken: String) throws -> [TaskRecord] {
        try all(TaskRecord.self, "SELECT record FROM tasks WHERE client_token = ? ORDER BY sequence", [clientToken])
    }

    /// Those that are not over, the oldest first.
    package func unstoppedTasks() throws -> [TaskRecord] {
        try all(TaskRecord.self, "SELECT record FROM tasks WHERE last_status <> 'STOPPED' ORDER BY sequence")
    }

    /// Of a task whose network is not wholly taken down: a plan, or an ENI with its addresses.
    private static let hasNetwork = """
        (id IN (SELECT task_id FROM network_plans) OR id IN (
            SELECT task_id FROM network_interfaces
            WHERE task_id IS NOT NULL AND status NOT IN ('DETACHED', 'DELETED', 'FAILED')))
        """

    /// Those that are over, and whose network is not wholly.
    package func stoppedTasksWithNetwork() throws -> [TaskRecord] {
        try all(
            TaskRecord.self,
            "SELECT record FROM tasks WHERE last_status = 'STOPPED' AND \(Self.hasNetwork) ORDER BY sequence")
    }

    /// Whether a task has ended, with all of its network, and is not to be run again: what is left of another would not
    /// be known any more.
    package func isForgettable(_ id: String) throws -> Bool {
        try Bool.fetchOne(
            database,
            sql: """
                SELECT last_status = 'STOPPED' AND NOT \(Self.hasNetwork)
                    AND id NOT IN (SELECT task_id FROM restarts) FROM tasks WHERE id = ?
                """, arguments: [id]) ?? false
    }

    /// Those that have ended, the first of them first.
    package func stoppedTaskTimes() throws -> [(id: String, stoppedAt: Timestamp)] {
        try Row.fetchAll(
            database, sql: "SELECT id, stopped_at FROM tasks WHERE last_status = 'STOPPED' ORDER BY stopped_at"
        ).map { row in
            (id: row[0], stoppedAt: Timestamp(millisecondsSince1970: Int64((row[1] ?? 0.0) * 1000)))
        }
    }

    /// One page of tasks, the oldest first.
    package func tasks(_ filter: TaskFilter = TaskFilter(), limit: Int, after token: String?) throws -> Page<TaskRecord>
    {
        let cursor = try token.map { try PageToken(text: $0, fields: 1) }
        let last = try cursor.map { cursor in
            guard let sequence = Int64(cursor.fields[0]) else { throw StoreError.invalidToken }
            return sequence
        }
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT sequence, record FROM tasks
                WHERE sequence > :last
                    AND (:desiredStatus IS NULL OR desired_status = :desiredStatus)
                    AND (:family IS NULL OR family = :family)
                    AND (:startedBy IS NULL OR started_by = :startedBy)
                    AND (:launchType IS NULL OR json_extract(record, '$.launchType') = :launchType)
                ORDER BY sequence LIMIT :limit
                """,
            arguments: [
                "last": last ?? 0, "desiredStatus": filter.desiredStatus?.rawValue, "family": filter.family,
                "startedBy": filter.startedBy, "launchType": filter.launchType?.rawValue, "limit": limit + 1,
            ])
        let found = try rows.map { row in
            (sequence: row["sequence"] as Int64, task: try decode(TaskRecord.self, row["record"]))
        }
        return Page(found, limit: limit) { PageToken(fields: [String($0.sequence)]) }.map(\.task)
    }

    /// How many tasks of each launch type are in each state.
    package func taskCounts() throws -> [LaunchType: [TaskStatus: Int]] {
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT json_extract(record, '$.launchType') AS launch_type, last_status, count(*) FROM tasks
                GROUP BY launch_type, last_status
                """)
        var counts: [LaunchType: [TaskStatus: Int]] = [:]
        for row in rows {
            guard let type = LaunchType(rawValue: row[0]), let status = TaskStatus(rawValue: row[1]) else { continue }
            counts[type, default: [:]][status] = row[2]
        }
        return counts
    }

    /// Runs a statement, telling what was there already.
    func refusingDuplicates(of identity: String, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as DatabaseError
            where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE
            || error.extendedResultCode == .SQLITE_CONSTRAINT_PRIMARYKEY
        {
            throw StoreError.duplicate(identity)
        }
    }
}

// MARK: - Network plans

extension StoreTransaction {
    /// What was made in the kernel for a task, or is about to be: kept apart from the record, which changes more often.
    package func networkPlan(taskID: String) throws -> String? {
        try String.fetchOne(database, sql: "SELECT plan FROM network_plans WHERE task_id = ?", arguments: [taskID])
    }

    /// - Parameter plan: JSON; nil when the kernel has nothing of it any more.
    package func setNetworkPlan(_ plan: String?, taskID: String) throws {
        if let plan {
            try execute(
                sql: """
                    INSERT INTO network_plans VALUES (?, ?) ON CONFLICT (task_id) DO UPDATE SET plan = excluded.plan
                    """, arguments: [taskID, plan])
        } else {
            try execute(sql: "DELETE FROM network_plans WHERE task_id = ?", arguments: [taskID])
        }
    }
}

// MARK: - Containers

extension StoreTransaction {
    package func insert(_ containers: [ContainerRecord]) throws {
        for (position, container) in containers.enumerated() {
            try refusingDuplicates(of: "container \(container.name) of task \(container.taskID)") {
                try execute(
                    sql: "INSERT INTO containers (task_id, position, name, record) VALUES (?, ?, ?, ?)",
                    arguments: [container.taskID, position, container.name, try encode(container)])
            }
        }
    }

    private func update(_ container: ContainerRecord) throws {
        try execute(
            sql: "UPDATE containers SET record = ? WHERE task_id = ? AND name = ?",
            arguments: [try encode(container), container.taskID, container.name])
    }

    /// Changes a container's record as it is now.
    /// - Throws: `IllegalTransition` for a status that does not follow the present one.
    @discardableResult
    package func updateContainer(
        _ name: String, ofTask taskID: String, _ change: (inout ContainerRecord) throws -> Void
    ) throws -> ContainerRecord? {
        let found = try one(
            ContainerRecord.self, "SELECT record FROM containers WHERE task_id = ? AND name = ?", [taskID, name])
        guard var container = found else { return nil }
        let before = container.lastStatus
        try change(&container)
        try check(container.lastStatus, follows: before)
        try update(container)
        if container.lastStatus != before { try append(EventRecord(container, from: before)) }
        return container
    }

    /// In the order of the task definition.
    package func containers(taskID: String) throws -> [ContainerRecord] {
        try all(ContainerRecord.self, "SELECT record FROM containers WHERE task_id = ? ORDER BY position", [taskID])
    }
}
