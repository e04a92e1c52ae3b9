// SPDX-License-Identifier: Apache-2.0
import GRDB

/// The tables, as a list of steps that is only ever added to.
enum StoreSchema {
    static let migrator: DatabaseMigrator = {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1 tasks and their networks") { database in
            for statement in first { try database.execute(sql: statement) }
        }
        migrator.registerMigration("2 sandboxes") { database in
            for statement in second { try database.execute(sql: statement) }
        }
        migrator.registerMigration("3 security groups") { database in
            for statement in third { try database.execute(sql: statement) }
        }
        migrator.registerMigration("4 released addresses") { database in
            for statement in releasedAddresses { try database.execute(sql: statement) }
        }
        migrator.registerMigration("5 events") { database in
            for statement in events { try database.execute(sql: statement) }
        }
        migrator.registerMigration("6 restarts") { database in
            for statement in restarts { try database.execute(sql: statement) }
        }
        return migrator
    }()

    /// A record's members as columns: VIRTUAL ones cost nothing in the table, and an index on them is an index.
    private static let first = [
        """
        CREATE TABLE metadata (
            key TEXT PRIMARY KEY NOT NULL,
            value TEXT NOT NULL
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE task_definitions (
            family TEXT NOT NULL,
            revision INTEGER NOT NULL CHECK (revision > 0),
            record TEXT NOT NULL CHECK (json_valid(record)),
            status TEXT NOT NULL AS (json_extract(record, '$.definition.status')) VIRTUAL,
            PRIMARY KEY (family, revision)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE tasks (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            family TEXT NOT NULL,
            revision INTEGER NOT NULL,
            record TEXT NOT NULL CHECK (json_valid(record)),
            last_status TEXT NOT NULL AS (json_extract(record, '$.lastStatus')) VIRTUAL,
            desired_status TEXT NOT NULL AS (json_extract(record, '$.desiredStatus')) VIRTUAL,
            started_by TEXT AS (json_extract(record, '$.startedBy')) VIRTUAL,
            client_token TEXT AS (json_extract(record, '$.clientToken')) VIRTUAL,
            stopped_at REAL AS (json_extract(record, '$.stoppedAt')) VIRTUAL,
            FOREIGN KEY (family, revision) REFERENCES task_definitions
        ) STRICT
        """,
        "CREATE INDEX tasks_by_desired_status ON tasks (desired_status, sequence)",
        "CREATE INDEX tasks_by_last_status ON tasks (last_status)",
        "CREATE INDEX tasks_by_definition ON tasks (family, revision)",
        "CREATE INDEX tasks_by_client_token ON tasks (client_token) WHERE client_token IS NOT NULL",
        """
        CREATE TABLE containers (
            task_id TEXT NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
            position INTEGER NOT NULL,
            name TEXT NOT NULL,
            record TEXT NOT NULL CHECK (json_valid(record)),
            last_status TEXT NOT NULL AS (json_extract(record, '$.lastStatus')) VIRTUAL,
            PRIMARY KEY (task_id, position),
            UNIQUE (task_id, name)
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE network_plans (
            task_id TEXT PRIMARY KEY NOT NULL REFERENCES tasks (id) ON DELETE CASCADE,
            plan TEXT NOT NULL CHECK (json_valid(plan))
        ) STRICT, WITHOUT ROWID
        """,
        """
        CREATE TABLE network_interfaces (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            attachment_id TEXT NOT NULL UNIQUE,
            task_id TEXT REFERENCES tasks (id) ON DELETE CASCADE,
            subnet_id TEXT,
            mac_address TEXT NOT NULL,
            record TEXT NOT NULL CHECK (json_valid(record)),
            status TEXT NOT NULL AS (json_extract(record, '$.status')) VIRTUAL
        ) STRICT
        """,
        "CREATE INDEX network_interfaces_by_task ON network_interfaces (task_id)",
        // Those that are over are kept for DescribeTasks, and their addresses are free again.
        """
        CREATE UNIQUE INDEX network_interfaces_by_mac_address ON network_interfaces (mac_address)
            WHERE status NOT IN ('DETACHED', 'DELETED', 'FAILED')
        """,
        // The one place that decides who has an address.
        """
        CREATE TABLE address_leases (
            address TEXT PRIMARY KEY NOT NULL,
            subnet_id TEXT NOT NULL,
            network_interface_id TEXT NOT NULL REFERENCES network_interfaces (id) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID
        """,
        "CREATE INDEX address_leases_by_subnet ON address_leases (subnet_id)",
        "CREATE INDEX address_leases_by_network_interface ON address_leases (network_interface_id)",
    ]

    /// What others' namespaces have: an ENI each, by what CNI names it.
    private static let second = [
        """
        CREATE TABLE sandbox_attachments (
            network TEXT NOT NULL,
            container_id TEXT NOT NULL,
            interface_name TEXT NOT NULL,
            network_interface_id TEXT NOT NULL UNIQUE REFERENCES network_interfaces (id) ON DELETE CASCADE,
            namespace TEXT NOT NULL,
            position INTEGER NOT NULL,
            plan TEXT NOT NULL CHECK (json_valid(plan)),
            PRIMARY KEY (network, container_id, interface_name),
            UNIQUE (namespace, position)
        ) STRICT, WITHOUT ROWID
        """
    ]

    /// The groups that the API made, and the numbers of the combinations of groups that ENIs are in.
    private static let third = [
        """
        CREATE TABLE security_groups (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            id TEXT NOT NULL UNIQUE,
            vpc_id TEXT NOT NULL,
            name TEXT NOT NULL,
            record TEXT NOT NULL CHECK (json_valid(record)),
            UNIQUE (vpc_id, name)
        ) STRICT
        """,
        """
        CREATE TABLE security_group_combinations (
            number INTEGER PRIMARY KEY,
            group_ids TEXT NOT NULL UNIQUE
        ) STRICT
        """,
    ]
}
