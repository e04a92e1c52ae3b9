// SPDX-License-Identifier: Apache-2.0
import GRDB
import VPC

extension StoreTransaction {
    /// - Throws: `StoreError.duplicate` where the VPC has a group of that name that the API made, too.
    package func insert(_ record: SecurityGroupRecord) throws {
        let group = record.group
        done.changesGroups = true
        try refusingDuplicates(of: "security group \(group.name)") {
            try execute(
                sql: "INSERT INTO security_groups (id, vpc_id, name, record) VALUES (?, ?, ?, ?)",
                arguments: [group.id, group.vpcID, group.name, try encode(record)])
        }
    }

    /// Changes a group's record as it is now.
    /// - Returns: the changed record, nil where there is no such group.
    @discardableResult
    package func updateSecurityGroup(
        _ id: String, _ change: (inout SecurityGroupRecord) throws -> Void
    ) throws -> SecurityGroupRecord? {
        let sql = "SELECT record FROM security_groups WHERE id = ?"
        guard var record = try one(SecurityGroupRecord.self, sql, [id]) else { return nil }
        try change(&record)
        done.changesGroups = true
        try execute(
            sql: "UPDATE security_groups SET record = ? WHERE id = ?", arguments: [try encode(record), id])
        return record
    }

    package func deleteSecurityGroup(_ id: String) throws {
        done.changesGroups = true
        try execute(sql: "DELETE FROM security_groups WHERE id = ?", arguments: [id])
    }

    /// Those that the API made, the oldest first.
    package func securityGroups() throws -> [SecurityGroupRecord] {
        if !done.changesGroups, let known = knownGroups.groups { return known }
        let groups = try all(SecurityGroupRecord.self, "SELECT record FROM security_groups ORDER BY sequence")
        // What it has changed itself is nobody else's before it is committed.
        if !done.changesGroups { knownGroups.keep(groups) }
        return groups
    }
}

// MARK: - Combinations

extension StoreTransaction {
    /// The numbers of the combinations of groups that ENIs are in, by the groups' sorted ids: links have them, and keep
    /// them while the daemon is away.
    package func securityGroupCombinations() throws -> [[String]: UInt32] {
        let rows = try Row.fetchAll(database, sql: "SELECT number, group_ids FROM security_group_combinations")
        return Dictionary(
            rows.map { row in ((row[1] as String).split(separator: " ").map(String.init), row[0] as UInt32) },
            uniquingKeysWith: { first, _ in first })
    }

    package func setSecurityGroupCombinations(_ numbers: [[String]: UInt32]) throws {
        try execute(sql: "DELETE FROM security_group_combinations")
        for (ids, number) in numbers {
            try execute(
                sql: "INSERT INTO security_group_combinations (number, group_ids) VALUES (?, ?)",
                arguments: [number, ids.joined(separator: " ")])
        }
    }
}
