// SPDX-License-Identifier: Apache-2.0
package import Addressing
import GRDB
import VPC

extension StoreTransaction {
    /// Takes an ENI in. What is kept of its last attachment goes: the same ENI may come again, to this task or another.
    package func insert(_ interface: NetworkInterfaceRecord) throws {
        let eni = interface.networkInterface
        try execute(
            sql: """
                DELETE FROM network_interfaces
                WHERE (id = ? OR attachment_id = ?) AND status IN ('DETACHED', 'DELETED', 'FAILED')
                """, arguments: [eni.id, eni.attachmentID])
        try refusing(eni) {
            try execute(
                sql: """
                    INSERT INTO network_interfaces (id, attachment_id, task_id, subnet_id, mac_address, record)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    eni.id, eni.attachmentID, interface.taskID, eni.subnetID, eni.macAddress.description,
                    try encode(interface),
                ])
        }
        try append(EventRecord(interface, from: nil))
    }

    private func update(_ interface: NetworkInterfaceRecord) throws {
        let eni = interface.networkInterface
        try refusing(eni) {
            try execute(
                sql: """
                    UPDATE network_interfaces SET task_id = ?, subnet_id = ?, mac_address = ?, record = ? WHERE id = ?
                    """,
                arguments: [
                    interface.taskID, eni.subnetID, eni.macAddress.description, try encode(interface), eni.id,
                ])
        }
    }

    /// Changes an ENI's record as it is now.
    /// - Throws: `IllegalTransition` for a status that does not follow the present one.
    @discardableResult
    package func updateNetworkInterface(
        _ id: String, _ change: (inout NetworkInterfaceRecord) throws -> Void
    ) throws -> NetworkInterfaceRecord? {
        guard var interface = try networkInterface(id: id) else { return nil }
        let before = interface.status
        try change(&interface)
        try check(interface.status, follows: before)
        try update(interface)
        if interface.status != before { try append(EventRecord(interface, from: before)) }
        return interface
    }

    package func networkInterface(id: String) throws -> NetworkInterfaceRecord? {
        try one(NetworkInterfaceRecord.self, "SELECT record FROM network_interfaces WHERE id = ?", [id])
    }

    package func networkInterface(attachmentID: String) throws -> NetworkInterfaceRecord? {
        try one(
            NetworkInterfaceRecord.self, "SELECT record FROM network_interfaces WHERE attachment_id = ?",
            [attachmentID])
    }

    /// The one of those that are not over.
    package func networkInterface(macAddress: MACAddress) throws -> NetworkInterfaceRecord? {
        try one(
            NetworkInterfaceRecord.self,
            """
            SELECT record FROM network_interfaces
            WHERE mac_address = ? AND status NOT IN ('DETACHED', 'DELETED', 'FAILED')
            """, [macAddress.description])
    }

    /// By the ENI's index in its task.
    package func networkInterfaces(taskID: String) throws -> [NetworkInterfaceRecord] {
        try all(
            NetworkInterfaceRecord.self,
            """
            SELECT record FROM network_interfaces WHERE task_id = ?
            ORDER BY json_extract(record, '$.networkInterface.index'), sequence
            """, [taskID])
    }

    /// Those that are not over, the oldest first.
    package func liveNetworkInterfaces() throws -> [NetworkInterfaceRecord] {
        try all(
            NetworkInterfaceRecord.self,
            """
            SELECT record FROM network_interfaces WHERE status NOT IN ('DETACHED', 'DELETED', 'FAILED')
            ORDER BY sequence
            """)
    }

    /// Those whose attachment is in a state, the oldest first.
    func networkInterfaces(_ status: AttachmentStatus) throws -> [NetworkInterfaceRecord] {
        try all(
            NetworkInterfaceRecord.self, "SELECT record FROM network_interfaces WHERE status = ? ORDER BY sequence",
            [status.rawValue])
    }

    /// An ENI's record as the caller has read it once, with the groups that it is in now.
    func withPresentGroups(_ interface: NetworkInterfaceRecord) throws -> NetworkInterfaceRecord {
        let member = "json_extract(record, '$.networkInterface.securityGroupIDs')"
        let sql = "SELECT \(member) FROM network_interfaces WHERE id = ?"
        guard let row = try Row.fetchOne(database.cachedStatement(sql: sql), arguments: [interface.id]) else {
            return interface
        }
        var interface = interface
        interface.networkInterface.securityGroupIDs = try (row[0] as String?).map { try decode([String].self, $0) }
        return interface
    }

    /// Those that are not over.
    package func networkInterfaceIDs(inSecurityGroup id: String) throws -> [String] {
        try String.fetchAll(
            database,
            sql: """
                SELECT network_interfaces.id FROM network_interfaces, json_each(record, '$.networkInterface.securityGroupIDs')
                WHERE json_each.value = ? AND status NOT IN ('DETACHED', 'DELETED', 'FAILED') ORDER BY sequence
                """, arguments: [id])
    }

    /// Which ENIs a list is about.
    package struct InterfaceFilter: Sendable {
        /// nil for all, those in no task included.
        package var taskIDs: Set<String>?
        package var subnetID: String?

        package init(taskIDs: Set<String>? = nil, subnetID: String? = nil) {
            self.taskIDs = taskIDs
            self.subnetID = subnetID
        }
    }

    /// One page of the ENIs that are not over, the oldest first.
    package func networkInterfaces(
        _ filter: InterfaceFilter = InterfaceFilter(), limit: Int, after token: String?
    ) throws -> Page<NetworkInterfaceRecord> {
        let last = try token.map { text in
            guard let sequence = Int64(try PageToken(text: text, fields: 1).fields[0]) else {
                throw StoreError.invalidToken
            }
            return sequence
        }
        var conditions = ["sequence > ?", "status NOT IN ('DETACHED', 'DELETED', 'FAILED')"]
        var arguments: StatementArguments = [last ?? 0]
        if let ids = filter.taskIDs {
            conditions.append("task_id IN (\(databaseQuestionMarks(count: ids.count)))")
            arguments += StatementArguments(ids.sorted())
        }
        if let id = filter.subnetID {
            conditions.append("json_extract(record, '$.networkInterface.subnetID') = ?")
            arguments += [id]
        }
        arguments += [limit + 1]
        let rows = try Row.fetchAll(
            database,
            sql: """
                SELECT sequence, record FROM network_interfaces
                WHERE \(conditions.joined(separator: " AND ")) ORDER BY sequence LIMIT ?
                """, arguments: arguments)
        let found = try rows.map { row in
            (sequence: row["sequence"] as Int64, interface: try decode(NetworkInterfaceRecord.self, row["record"]))
        }
        return Page(found, limit: limit) { PageToken(fields: [String($0.sequence)]) }.map(\.interface)
    }

    /// Runs a statement, telling which identity or MAC address somebody else has.
    private func refusing(_ eni: NetworkInterface, _ body: () throws -> Void) throws {
        do {
            try body()
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
            guard error.message?.contains("mac_address") == true else {
                throw StoreError.duplicate("network interface \(eni.id)")
            }
            let owner = try String.fetchOne(
                database,
                sql: """
                    SELECT id FROM network_interfaces
                    WHERE mac_address = ? AND status NOT IN ('DETACHED', 'DELETED', 'FAILED')
                    """, arguments: [eni.macAddress.description])
            throw StoreError.macAddressTaken(eni.macAddress, networkInterfaceID: owner)
        }
    }
}

// MARK: - Leases

extension StoreTransaction {
    /// Gives an address to an ENI.
    /// - Throws: `StoreError.addressTaken`, naming who has it.
    package func insert(_ lease: AddressLease) throws {
        do {
            try execute(
                sql: "INSERT INTO address_leases (address, subnet_id, network_interface_id) VALUES (?, ?, ?)",
                arguments: [lease.address.description, lease.subnetID, lease.networkInterfaceID])
        } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_PRIMARYKEY {
            let owner = try String.fetchOne(
                database, sql: "SELECT network_interface_id FROM address_leases WHERE address = ?",
                arguments: [lease.address.description])
            throw StoreError.addressTaken(lease.address, networkInterfaceID: owner)
        }
    }

    /// Frees all addresses of an ENI; one that has none is no error.
    /// - Returns: what was freed.
    @discardableResult
    package func deleteLeases(networkInterfaceID: String) throws -> [AddressLease] {
        try Row.fetchAll(
            database.cachedStatement(
                sql: """
                    DELETE FROM address_leases WHERE network_interface_id = ?
                    RETURNING address, subnet_id, network_interface_id
                    """), arguments: [networkInterfaceID]
        ).compactMap(AddressLease.init)
    }

    /// - Parameter subnetID: nil for those of all subnets.
    package func leases(subnetID: String? = nil) throws -> [AddressLease] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT address, subnet_id, network_interface_id FROM address_leases
                WHERE ? IS NULL OR subnet_id = ? ORDER BY subnet_id, address
                """, arguments: [subnetID, subnetID]
        ).compactMap(AddressLease.init)
    }
}

extension AddressLease {
    /// Address, subnet and ENI.
    fileprivate init?(_ row: Row) {
        guard let address = IPAddress(row[0] as String) else { return nil }
        self.init(address: address, subnetID: row[1], networkInterfaceID: row[2])
    }
}
