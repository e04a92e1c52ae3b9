// SPDX-License-Identifier: Apache-2.0
import VPC

extension StoreSchema {
    /// The addresses that were given back last, in their order: they wait for their turn, also over a restart of the daemon.
    /// Triggers, because leases also go with their ENIs.
    static let releasedAddresses = [
        """
        CREATE TABLE released_addresses (
            sequence INTEGER PRIMARY KEY AUTOINCREMENT,
            address TEXT NOT NULL UNIQUE,
            subnet_id TEXT NOT NULL
        ) STRICT
        """,
        "CREATE INDEX released_addresses_by_subnet ON released_addresses (subnet_id, sequence)",
        """
        CREATE TRIGGER address_released AFTER DELETE ON address_leases BEGIN
            INSERT OR REPLACE INTO released_addresses (address, subnet_id) VALUES (old.address, old.subnet_id);
            DELETE FROM released_addresses WHERE subnet_id = old.subnet_id AND sequence <= (
                SELECT sequence FROM released_addresses WHERE subnet_id = old.subnet_id
                ORDER BY sequence DESC LIMIT 1 OFFSET \(2 * AddressPool.maximumResting)
            );
        END
        """,
        """
        CREATE TRIGGER address_leased AFTER INSERT ON address_leases BEGIN
            DELETE FROM released_addresses WHERE address = new.address;
        END
        """,
    ]
}
