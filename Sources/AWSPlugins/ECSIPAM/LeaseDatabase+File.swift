// SPDX-License-Identifier: Apache-2.0
import Glibc
import Linux
import SystemPackage

/// The file that the database is in: found, made, and looked at before SQLite is let at it.
enum LeaseDatabaseFile {
    enum Content {
        case nothing
        /// A database of ours, or the beginning of one.
        case own
        /// What can be told to be something else, or of a newer version.
        case others
        case unknown
    }

    static func content(_ path: String) throws -> Content {
        guard let file = try openIfThere(path) else { return .nothing }
        var status = stat()
        guard file.withRaw({ fstat($0, &status) }) == 0 else { throw LinuxError.last(operation, path) }
        guard status.st_mode & S_IFMT == S_IFREG else { return .others }
        if status.st_size == 0 { return .own }
        let header = try file.read(upTo: 100, of: path)
        if isBolt(header) { return .others }
        guard header.count == 100, header.starts(with: magic) else { return .unknown }
        func number(at offset: Int) -> Int64 { header[offset..<offset + 4].reduce(0) { $0 << 8 | Int64($1) } }
        let isOwn = number(at: 68) == LeaseDatabase.applicationID && number(at: 60) <= LeaseDatabase.version
        return isOwn ? .own : .others
    }

    /// Whether there is a file that can be a database of ours: one of SQLite's, or an empty one.
    ///
    /// - Throws: `LeaseError.foreignFile` for anything else, which stays as it is.
    static func find(_ path: String) throws -> Bool {
        // Closed again before SQLite opens the file: closing any descriptor of it drops all of a process's locks on it.
        guard let file = try openIfThere(path) else { return false }
        var status = stat()
        guard file.withRaw({ fstat($0, &status) }) == 0 else { throw LinuxError.last(operation, path) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw LeaseError.foreignFile(path, .notAFile) }
        try look(at: file.read(upTo: 32, of: path), path)
        return true
    }

    private static func openIfThere(_ path: String) throws(LinuxError) -> OwnedDescriptor? {
        do throws(LinuxError) {
            // Not to wait for somebody at the other end of a pipe.
            return try OwnedDescriptor.open(FilePath(path), O_RDONLY | O_NONBLOCK, operation: operation)
        } catch {
            guard error.errno == .noSuchFileOrDirectory else { throw error }
            return nil
        }
    }

    static func make(_ path: String) throws {
        // SQLite takes an empty file for a new database, and what it makes beside it has the same mode.
        _ = try OwnedDescriptor.open(FilePath(path), O_RDWR | O_CREAT | O_NONBLOCK, mode: 0o600, operation: operation)
    }

    private static let operation = "open database"
    private static let magic = Array("SQLite format 3\0".utf8)

    private static func look(at beginning: [UInt8], _ path: String) throws {
        if beginning.isEmpty || beginning.starts(with: magic) { return }
        throw LeaseError.foreignFile(path, isBolt(beginning) ? .bolt : .unknown)
    }

    /// A bolt file's first page: 16 bytes of header, then the number 0xED0CDAED.
    private static func isBolt(_ beginning: [UInt8]) -> Bool {
        beginning.dropFirst(16).starts(with: [0xed, 0xda, 0x0c, 0xed])
    }

    /// Those that are missing, as the original does.
    static func makeDirectories(of path: String) throws {
        for (index, byte) in path.utf8.enumerated() where byte == UInt8(ascii: "/") && index > 0 {
            let directory = String(decoding: path.utf8.prefix(index), as: UTF8.self)
            guard mkdir(directory, 0o750) != 0 else { continue }
            let error = LinuxError.last("create directory", directory)
            // One that cannot be made because it is there may be said to be on a read-only file system, or forbidden.
            if access(directory, X_OK) != 0 { throw error }
        }
    }
}
