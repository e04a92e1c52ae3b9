// SPDX-License-Identifier: Apache-2.0
import Addressing
import CNI

/// The addresses that were given out, in a SQLite database.
///
/// Many processes use it at once, each for a few milliseconds: a call of the plugin is one connection and one
/// transaction, with the lock for writing from its start, so that there is nothing to be won by readers beside a writer.
/// Hence the rollback journal and not a write-ahead log, which would have each of these processes build up its shared
/// memory and take it down again. A kill at any point is undone by the next one that opens the file; what a power failure
/// leaves is not opened any more (`LeaseDatabaseBoot`), so that nobody waits for the disk.
final class LeaseDatabase {
    private let database: SQLiteDatabase

    /// "tnIP", in the file's header: what file(1) and we know it by.
    static let applicationID: Int64 = 0x746e_4950
    static let version: Int64 = 1

    /// - Parameter creating: whether it is made when it is missing.
    /// - Returns: nil when it is missing: nothing was given out.
    static func open(_ settings: LeaseDatabaseSettings, creating: Bool) throws -> LeaseDatabase? {
        let path = settings.path
        switch try LeaseDatabaseFile.content(path) {
        case .others: break
        case .own: try LeaseDatabaseBoot.begin(path)
        case .unknown: try LeaseDatabaseBoot.begin(path, recording: false)
        case .nothing:
            guard creating else { return nil }
            try LeaseDatabaseFile.makeDirectories(of: path)
            try LeaseDatabaseBoot.begin(path)
        }
        if try !LeaseDatabaseFile.find(path) {
            guard creating else { return nil }
            try LeaseDatabaseFile.make(path)
        }
        return try LeaseDatabase(SQLiteDatabase(path: path, patience: settings.patience))
    }

    private init(_ database: SQLiteDatabase) throws {
        self.database = database
        try database.execute("PRAGMA synchronous = OFF")
    }

    /// Runs a body that is done as a whole or not at all, in a database that is ours.
    func transaction<Result>(_ body: () throws -> Result) throws -> Result {
        try database.transaction {
            try prepare()
            return try body()
        }
    }

    private func prepare() throws {
        switch (try database.integer("PRAGMA application_id"), try database.integer("PRAGMA user_version")) {
        case (Self.applicationID, Self.version):
            return
        case (Self.applicationID, let version) where version > Self.version:
            throw LeaseError.newerDatabase(database.path, version: version)
        case (0, 0) where try database.integer("SELECT count(*) FROM sqlite_master") == 0:
            try database.execute(Self.schema)
        default:
            throw LeaseError.foreignDatabase(database.path)
        }
    }

    /// Whether it is whole and can be written. Within a transaction.
    func verify() throws {
        try database.verify()
        // The file's header, with what is there already: a journal is made, and a page is written.
        try database.execute("PRAGMA application_id = \(Self.applicationID)")
    }

    /// An address is its bytes: they sort as the numbers do.
    private static let schema = """
        PRAGMA application_id = \(applicationID);
        PRAGMA user_version = \(version);
        CREATE TABLE address (
            family INTEGER NOT NULL CHECK (family IN (4, 6)),
            address BLOB NOT NULL,
            is_gateway INTEGER NOT NULL DEFAULT 0,
            id TEXT NOT NULL DEFAULT '',
            network TEXT NOT NULL DEFAULT '',
            container TEXT NOT NULL DEFAULT '',
            interface TEXT NOT NULL DEFAULT '',
            PRIMARY KEY (family, address)
        ) WITHOUT ROWID;
        CREATE UNIQUE INDEX address_by_id ON address (id, family) WHERE id <> '';
        CREATE INDEX address_by_container ON address (container, interface) WHERE container <> '';
        CREATE TABLE subnet (
            subnet TEXT PRIMARY KEY,
            last_address BLOB NOT NULL
        ) WITHOUT ROWID;
        """
}

/// For whom an address is: one interface of one container in one network, as far as the runtime says.
struct Holder: Hashable {
    var network: String
    var container: String
    var interface: String
}

/// An address that is given out.
struct Lease: Hashable {
    var address: IPAddress
    var id: String
    var holder: Holder
}

// Each of these within a transaction.
extension LeaseDatabase {
    func reserve(gateway: IPAddress) throws {
        let key = gateway.key
        switch try isGateway(gateway) {
        case true: return
        case false: throw LeaseError.gatewayTaken(gateway)
        default:
            try database.run(
                "INSERT INTO address (family, address, is_gateway) VALUES (?, ?, 1)", key.family, key.address)
        }
    }

    /// nil where the address is nobody's.
    private func isGateway(_ address: IPAddress) throws -> Bool? {
        let (family, address) = address.key
        return try database.rows("SELECT is_gateway FROM address WHERE family = ? AND address = ?", family, address) {
            $0.integer(0) != 0
        }.first
    }

    /// Gives an address out: the one that is asked for, or the next one.
    func lease(_ wish: IPAddress?, in range: AddressRange, id: String, to holder: Holder) throws -> IPAddress {
        if let lease = try leases(id: id).first(where: { $0.address.family == range.subnet.family }) {
            throw LeaseError.idExists(id, lease.address)
        }
        if let wish {
            if let lease = try lease(wish) { throw LeaseError.addressTaken(wish, by: lease.id) }
            // Another network's of the same subnet.
            if try isGateway(wish) == true { throw LeaseError.addressTaken(wish, by: "a gateway") }
        }
        let address = try wish ?? next(in: range)
        let key = address.key
        try database.run(
            "INSERT INTO address (family, address, id, network, container, interface) VALUES (?, ?, ?, ?, ?, ?)",
            key.family, key.address, .text(id), .text(holder.network), .text(holder.container), .text(holder.interface))
        try database.run(
            "INSERT INTO subnet VALUES (?1, ?2) ON CONFLICT DO UPDATE SET last_address = ?2",
            .text("\(range.subnet)"), key.address)
        return address
    }

    func release(_ lease: Lease) throws {
        let key = lease.address.key
        try database.run("DELETE FROM address WHERE family = ? AND address = ?", key.family, key.address)
    }

    func leases(id: String) throws -> [Lease] {
        // The index has no empty ones, and SQLite cannot tell of a parameter.
        if id.isEmpty { return [] }
        return try leases(where: "id = ? AND id <> ''", .text(id))
    }

    func lease(_ address: IPAddress) throws -> Lease? {
        try leases(where: "family = ? AND address = ?", address.key.family, address.key.address).first
    }

    func leases(container: String, interface: String) throws -> [Lease] {
        if container.isEmpty { return [] }
        return try leases(
            where: "container = ? AND interface = ? AND container <> ''", .text(container), .text(interface))
    }

    func leases(network: String) throws -> [Lease] { try leases(where: "network = ?", .text(network)) }

    /// Round robin: an address that was given back is the last to be given out again.
    private func next(in range: AddressRange) throws -> IPAddress {
        let last = try database.rows("SELECT last_address FROM subnet WHERE subnet = ?", .text("\(range.subnet)")) {
            IPAddress(bytes: $0.blob(0))
        }
        let lastNumber = last.first?.map(AddressRange.number) ?? range.last
        if (range.first..<range.last).contains(lastNumber),
            let free = try firstFree(lastNumber + 1...range.last, of: range)
        {
            return free
        }
        let rest = range.first...min(max(lastNumber, range.first), range.last)
        guard let free = try firstFree(rest, of: range) else { throw LeaseError.exhausted(range.subnet) }
        return free
    }

    private func firstFree(_ part: ClosedRange<UInt128>, of range: AddressRange) throws -> IPAddress? {
        AddressRange.firstFree(in: part, taken: try taken(part, of: range)).map(range.address)
    }

    private func taken(_ part: ClosedRange<UInt128>, of range: AddressRange) throws -> [UInt128] {
        let (first, last) = (range.address(part.lowerBound).key, range.address(part.upperBound).key)
        return try database.rows(
            "SELECT address FROM address WHERE family = ? AND address BETWEEN ? AND ? ORDER BY address",
            first.family, first.address, last.address
        ) { $0.blob(0).reduce(0) { $0 << 8 | UInt128($1) } }
    }

    private func leases(where condition: String, _ first: SQLiteValue, _ second: SQLiteValue? = nil) throws -> [Lease] {
        let sql = """
            SELECT address, id, network, container, interface FROM address
            WHERE \(condition) AND NOT is_gateway ORDER BY family, address
            """
        func read(_ row: borrowing SQLiteStatement) -> Lease? {
            IPAddress(bytes: row.blob(0)).map {
                let holder = Holder(network: row.text(2), container: row.text(3), interface: row.text(4))
                return Lease(address: $0, id: row.text(1), holder: holder)
            }
        }
        let rows =
            try second.map { try database.rows(sql, first, $0, read: read) } ?? database.rows(sql, first, read: read)
        return rows.compactMap(\.self)
    }
}

extension IPAddress {
    fileprivate var key: (family: SQLiteValue, address: SQLiteValue) {
        (.integer(family == .v4 ? 4 : 6), .blob(bytes))
    }
}
