// SPDX-License-Identifier: Apache-2.0
package import Addressing

/// Why the state cannot be opened or changed.
package enum StoreError: Error, Equatable, CustomStringConvertible {
    /// Another daemon works on the same state.
    case inUse(directory: String, processID: Int32?)
    /// Written by a daemon that knows more than this one.
    case newer(path: String, migrations: [String])
    /// SQLite cannot read it, or it is another program's database. It was left as it is.
    case damaged(path: String, reason: String)
    case foreign(path: String)
    /// A file or directory cannot be made or opened.
    case inaccessible(path: String, reason: String)
    /// Nothing can be written now; reading goes on. The transaction left nothing behind.
    case full(path: String)
    case readOnly(path: String)
    case busy(path: String)
    /// The disk does not do what it is told.
    case failing(path: String, reason: String)
    case addressTaken(IPAddress, networkInterfaceID: String?)
    case macAddressTaken(MACAddress, networkInterfaceID: String?)
    /// A record with that identity is there already.
    case duplicate(String)
    case invalidToken

    package var description: String {
        switch self {
        case .inUse(let directory, let processID):
            "state directory \(directory) is in use by "
                + (processID.map { "the tasknetd with pid \($0)" } ?? "another tasknetd")
                + "; stop that one, or give this one a stateDirectory of its own"
        case .newer(let path, let migrations):
            "state database \(path) was written by a newer tasknetd (it has \(migrations.joined(separator: ", ")));"
                + " run that version, or move the file away to start empty"
        case .damaged(let path, let reason):
            "state database \(path) is damaged (\(reason)) and was left as it is;"
                + " restore a copy, or move it away to start empty"
        case .foreign(let path):
            "\(path) is a database, but not tasknet's, and was left as it is; choose another stateDirectory"
        case .inaccessible(let path, let reason):
            "state: \(path): \(reason)"
        case .full(let path):
            "state database \(path) cannot be written: the file system is full; make room there"
                + " (running tasks go on meanwhile, and what was written before is safe)"
        case .readOnly(let path):
            "state database \(path) cannot be written: the file system is read-only; the kernel's log (dmesg) may say why,"
                + " and mount -o remount,rw makes it writable again"
        case .busy(let path):
            "state database \(path) is locked by another program; end it (fuser -v \(path) names it), and try again"
        case .failing(let path, let reason):
            "state database \(path) cannot be read or written (\(reason)); the kernel's log (dmesg) may say why"
        case .addressTaken(let address, let owner):
            "address \(address) is taken" + (owner.map { " by \($0)" } ?? "")
        case .macAddressTaken(let address, let owner):
            "MAC address \(address) is taken" + (owner.map { " by \($0)" } ?? "")
        case .duplicate(let identity):
            "\(identity) exists already"
        case .invalidToken:
            "the nextToken is not one that was given out"
        }
    }
}
