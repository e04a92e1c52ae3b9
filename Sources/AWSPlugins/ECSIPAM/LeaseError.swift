// SPDX-License-Identifier: Apache-2.0
import Addressing
import CNI
import JSON

/// Why an address cannot be given out or taken back.
enum LeaseError: Error, Hashable {
    case idExists(String, IPAddress)
    case noAddress(id: String)
    case addressTaken(IPAddress, by: String)
    case gatewayTaken(IPAddress)
    case exhausted(CIDRBlock)
    case foreignFile(String, Kind)
    case foreignDatabase(String)
    case newerDatabase(String, version: Int64)

    enum Kind: Hashable {
        case bolt, notAFile, unknown
    }
}

extension LeaseError {
    /// Message and details.
    var texts: (String, String) {
        switch self {
        case .idExists(let id, let address):
            ("id already exists, id: \(id.shown)", "it has \(address): DEL with the id gives that back")
        case .noAddress(let id):
            ("no ip address associated with the given id: \(id.shown)", "")
        case .addressTaken(let address, let id):
            (
                "failed to mark this ip \(address) as used",
                "it is given out already\(id.isEmpty ? "" : " to \(id.shown)")"
            )
        case .gatewayTaken(let address):
            ("ip of gateway has already been used", "\(address) is given out to somebody: choose another gateway")
        case .exhausted(let subnet):
            (
                "failed to find available ip addresses in the subnet",
                "all of \(subnet) are given out: use a larger subnet, or DEL with the ids that are gone"
            )
        case .foreignFile(let path, .bolt):
            (
                "\(path) is the original plugin's database (bolt), which this one does not read",
                """
                stop the tasks whose addresses are in it and move it away, or set \
                \(LeaseDatabaseSettings.pathVariable) to another path
                """
            )
        case .foreignFile(let path, .notAFile):
            ("\(path) is no file", "set \(LeaseDatabaseSettings.pathVariable) to the path of a file")
        case .foreignFile(let path, .unknown):
            ("\(path) is no database", Self.moveAway)
        case .foreignDatabase(let path):
            ("\(path) is somebody else's SQLite database", Self.moveAway)
        case .newerDatabase(let path, let version):
            (
                "\(path) was made by a newer version of this plugin (schema \(version))",
                "use that version, or set \(LeaseDatabaseSettings.pathVariable) to another path"
            )
        }
    }

    static let moveAway = "move it away, or set \(LeaseDatabaseSettings.pathVariable) to another path"
}

extension String {
    /// In an error text: ids can be of any length, with anything in them.
    fileprivate var shown: String {
        let escaped = EscapedText.of(self)
        return escaped.count > 100 ? "\(escaped.prefix(100))…" : escaped
    }
}

extension CNIError {
    /// What went wrong with the addresses, as the runtime is told.
    init(leases error: any Error) {
        switch error {
        case let error as CNIError:
            self = error
        case let error as LeaseError:
            let (message, details) = error.texts
            self.init(.failed, message, details: details)
        case let error as SQLiteError where error.isBusy:
            self.init(
                .tryAgainLater, "database \(error.path) is in use by others",
                details: """
                    \(error.message): they kept it for longer than \(LeaseDatabaseSettings.timeoutVariable) allows
                    """)
        case let error as SQLiteError where error.isCorrupt:
            self.init(.failed, "database \(error.path) is damaged: \(error.message)", details: LeaseError.moveAway)
        default:
            self.init(
                .inputOutput, "\(error)",
                details: "\(LeaseDatabaseSettings.pathVariable) has to be a file that can be written")
        }
    }
}
