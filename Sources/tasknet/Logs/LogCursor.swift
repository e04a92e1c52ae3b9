// SPDX-License-Identifier: Apache-2.0

import Glibc
import Linux
import SystemPackage

/// Reads the lines of a log and of what was rotated away (`app.log.2`, `app.log.1`, `app.log`), oldest first, and goes
/// on across rotations that happen meanwhile.
final class LogCursor {
    private let path: String
    private var file: LogFile?
    /// Read and not yet given out.
    private var buffer: [UInt8] = []
    private var consumed = 0
    /// Up to where `buffer` is known to hold no line end.
    private var searched = 0

    /// More rotated files than this are not looked for.
    private static let maximumIndex = 1000

    /// A cursor on the log at `path`, which need not exist yet.
    init(path: String) {
        self.path = path
    }

    /// The next whole line without its end; nil when there is none so far.
    func next() throws(LinuxError) -> [UInt8]? {
        while true {
            if let line = bufferedLine() { return line }
            if try fill() { continue }
            guard try openNewer() else { return nil }
        }
    }

    private func bufferedLine() -> [UInt8]? {
        guard let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) else {
            searched = buffer.count
            return nil
        }
        defer {
            consumed = end + 1
            searched = consumed
        }
        return Array(buffer[consumed..<end])
    }

    /// Reads on in the open file. False at its end.
    private func fill() throws(LinuxError) -> Bool {
        guard let file else { return false }
        if consumed > 0 {
            buffer.removeFirst(consumed)
            searched -= consumed
            consumed = 0
        }
        let piece = try file.read()
        buffer += piece
        return !piece.isEmpty
    }

    /// Goes on to the file that was begun after the one at hand. False when there is none.
    private func openNewer() throws(LinuxError) -> Bool {
        while true {
            guard let file, let index = index(of: file.identity) else {
                // Nothing read yet, or rotated away altogether while it was read: what there is begins with the oldest.
                guard let oldest = oldestIndex(), let opened = try LogFile(path: name(oldest)) else { return false }
                begin(opened)
                return true
            }
            guard index > 0 else { return false }
            // It was renamed after its last line was written, and that may have been after the last look at its end.
            if try fill() { return true }
            guard let opened = try LogFile(path: name(index - 1)) else { return false }
            // Rotated once more between the look and the opening, then it is not the next one: look again.
            guard LogFile.identity(of: name(index)) == file.identity else { continue }
            begin(opened)
            return true
        }
    }

    private func begin(_ opened: LogFile) {
        file = opened
        // A torn line at the end of one file is not the beginning of another.
        buffer = []
        consumed = 0
        searched = 0
    }

    private func name(_ index: Int) -> String {
        index == 0 ? path : "\(path).\(index)"
    }

    private func oldestIndex() -> Int? {
        var oldest = LogFile.identity(of: path) == nil ? nil : 0
        for index in 1...Self.maximumIndex {
            guard LogFile.identity(of: name(index)) != nil else { break }
            oldest = index
        }
        return oldest
    }

    /// How often the file has been rotated; nil when it has lost its last name.
    private func index(of identity: LogFile.Identity) -> Int? {
        if LogFile.identity(of: path) == identity { return 0 }
        for index in 1...Self.maximumIndex {
            guard let found = LogFile.identity(of: name(index)) else { return nil }
            if found == identity { return index }
        }
        return nil
    }
}

/// One open file of a log, whatever its name has become.
private final class LogFile {
    struct Identity: Equatable {
        var device: dev_t
        var inode: ino_t
    }

    let identity: Identity
    private let path: String
    private let descriptor: OwnedDescriptor

    /// Nil when there is none.
    init?(path: String) throws(LinuxError) {
        do {
            descriptor = try .open(FilePath(path), O_RDONLY | O_NOFOLLOW, operation: "read log")
        } catch  where error.errno == .noSuchFileOrDirectory {
            return nil
        }
        var status = stat()
        guard descriptor.withRaw({ fstat($0, &status) }) == 0 else { throw .last("read log", path) }
        identity = Identity(device: status.st_dev, inode: status.st_ino)
        self.path = path
    }

    /// The next bytes; none at the end, so far.
    func read() throws(LinuxError) -> [UInt8] {
        try descriptor.read(upTo: 64 << 10, of: path)
    }

    static func identity(of path: String) -> Identity? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Identity(device: status.st_dev, inode: status.st_ino)
    }
}
