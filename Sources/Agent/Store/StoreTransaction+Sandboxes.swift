// SPDX-License-Identifier: Apache-2.0
import GRDB
import TaskNetworking
import VPC

extension StoreTransaction {
    /// Takes the ENI of a sandbox in, with what is to be made of it in the kernel.
    ///
    /// - Throws: `StoreError.duplicate` where the attachment has one.
    func insert(_ interface: NetworkInterfaceRecord, of sandbox: SandboxRecord, plan: TaskNetworkPlan) throws {
        try insert(interface)
        let key = sandbox.key
        try refusingDuplicates(of: "\(key)") {
            try execute(
                sql: "INSERT INTO sandbox_attachments VALUES (?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    key.network, key.containerID, key.interfaceName, interface.id, sandbox.namespace.text,
                    interface.networkInterface.index, try encode(plan),
                ])
        }
    }

    func sandboxInterface(_ key: SandboxRecord.Key) throws -> NetworkInterfaceRecord? {
        try one(
            NetworkInterfaceRecord.self,
            """
            SELECT record FROM network_interfaces JOIN sandbox_attachments ON network_interface_id = id
            WHERE network = ? AND container_id = ? AND interface_name = ?
            """, [key.network, key.containerID, key.interfaceName])
    }

    /// The oldest first.
    /// - Parameter network: nil for those of all networks.
    func sandboxInterfaces(network: String? = nil) throws -> [NetworkInterfaceRecord] {
        try all(
            NetworkInterfaceRecord.self,
            """
            SELECT record FROM network_interfaces JOIN sandbox_attachments ON network_interface_id = id
            WHERE ? IS NULL OR network = ? ORDER BY sequence
            """, [network, network])
    }

    /// The ENI of a name in a namespace, whichever network and container it was asked for by.
    func sandboxInterface(named name: String, in namespace: Sandbox.Identity) throws -> NetworkInterfaceRecord? {
        try one(
            NetworkInterfaceRecord.self,
            """
            SELECT record FROM network_interfaces JOIN sandbox_attachments ON network_interface_id = id
            WHERE namespace = ? AND interface_name = ?
            """, [namespace.text, name])
    }

    func hasSandboxes() throws -> Bool {
        try Bool.fetchOne(database, sql: "SELECT EXISTS (SELECT 1 FROM sandbox_attachments)") ?? false
    }

    /// What is in the kernel for a sandbox's ENI, or is about to be.
    func sandboxPlan(networkInterfaceID: String) throws -> TaskNetworkPlan? {
        try one(
            TaskNetworkPlan.self, "SELECT plan FROM sandbox_attachments WHERE network_interface_id = ?",
            [networkInterfaceID])
    }

    func setSandboxPlan(_ plan: TaskNetworkPlan, networkInterfaceID: String) throws {
        try execute(
            sql: "UPDATE sandbox_attachments SET plan = ? WHERE network_interface_id = ?",
            arguments: [try encode(plan), networkInterfaceID])
    }

    /// The lowest position from `first` on that no ENI has in a namespace.
    func freePosition(in namespace: Sandbox.Identity, from first: Int) throws -> Int {
        let taken = try Set(
            Int.fetchAll(
                database.cachedStatement(sql: "SELECT position FROM sandbox_attachments WHERE namespace = ?"),
                arguments: [namespace.text]))
        var position = first
        while taken.contains(position) { position += 1 }
        return position
    }

    /// Forgets the ENI of a sandbox, and its attachment with it.
    /// - Returns: what it had.
    func deleteSandboxInterface(_ id: String) throws -> [AddressLease] {
        let leases = try deleteLeases(networkInterfaceID: id)
        if let event = try event(of: id, becoming: .deleted), event.from != event.to { try append(event) }
        try execute(sql: "DELETE FROM network_interfaces WHERE id = ?", arguments: [id])
        return leases
    }
}

extension Sandbox.Identity {
    /// The same for the same namespace.
    fileprivate var text: String { "\(bootID) \(device) \(inode) \(cookie ?? 0)" }
}
