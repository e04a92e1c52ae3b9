// SPDX-License-Identifier: Apache-2.0
package import Addressing
import GRDB

extension StoreTransaction {
    /// The free addresses of a subnet that were given back last, the first of them first.
    package func releasedAddresses(subnetID: String) throws -> [IPAddress] {
        try String.fetchAll(
            database, sql: "SELECT address FROM released_addresses WHERE subnet_id = ? ORDER BY sequence",
            arguments: [subnetID]
        ).compactMap { IPAddress($0) }
    }
}
