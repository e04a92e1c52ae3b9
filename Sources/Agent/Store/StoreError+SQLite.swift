// SPDX-License-Identifier: Apache-2.0
import GRDB
import Glibc

extension StoreError {
    /// What an error of SQLite's says about the disk; nil for one that is about what was asked.
    init?(_ error: DatabaseError, of path: String) {
        let reason = error.message ?? "\(error.extendedResultCode)"
        switch error.resultCode {
        case .SQLITE_FULL: self = .full(path: path)
        case .SQLITE_READONLY: self = .readOnly(path: path)
        case .SQLITE_BUSY, .SQLITE_LOCKED: self = .busy(path: path)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: self = .damaged(path: path, reason: reason)
        // SQLite tells a full or read-only file system only of some of its writes.
        case .SQLITE_IOERR, .SQLITE_CANTOPEN:
            var status = statvfs()
            if statvfs(path, &status) != 0 {
                self = .failing(path: path, reason: reason)
            } else if status.f_bavail == 0 || status.f_files > 0 && status.f_favail == 0 {
                self = .full(path: path)
            } else if status.f_flag & UInt(ST_RDONLY) != 0 {
                self = .readOnly(path: path)
            } else {
                self = .failing(path: path, reason: reason)
            }
        default: return nil
        }
    }

    /// The same of one that was met before anything was read.
    init(opening error: DatabaseError, _ path: String) {
        self = StoreError(error, of: path) ?? .inaccessible(path: path, reason: error.message ?? "\(error)")
    }
}

extension DatabaseError {
    /// Somebody else has the database's lock.
    var isLocked: Bool { resultCode == .SQLITE_BUSY }
}
