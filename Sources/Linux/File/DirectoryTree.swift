// SPDX-License-Identifier: Apache-2.0
import Glibc
package import SystemPackage

/// A directory with all that is in it.
package enum DirectoryTree {
    /// Removes a directory and what is in it, whoever made that: names of any bytes, paths longer than the kernel takes, more
    /// levels than there are descriptors. Symbolic links are removed, never followed. One that is gone already is no error.
    ///
    /// Goes on after an error, and throws the first. Blocks the thread.
    package static func remove(_ path: FilePath) throws(LinuxError) {
        let path = path.string
        var removal: Removal
        do {
            removal = try Removal(path)
        } catch {
            if error.errno == .noSuchFileOrDirectory { return }
            throw error
        }
        try removal.run()
        guard rmdir(path) != 0 else { return }
        let error = LinuxError.last(Removal.operation, path)
        if error.errno != .noSuchFileOrDirectory { throw error }
    }
}

/// A walk that holds the directory that it is in and no other: up it goes by `..`, and looks whether that is where it came
/// from.
private struct Removal: ~Copyable {
    static let operation = "remove directory"

    private struct Level {
        let name: [CChar]
        let device: dev_t
        let inode: ino_t
        var directories: [[CChar]] = []
    }

    private let path: String
    private var current: OwnedDescriptor
    private var levels: [Level] = []
    private var failure: LinuxError?

    init(_ path: String) throws(LinuxError) {
        self.path = path
        current = try OwnedDescriptor.open(path, Self.flags, operation: Self.operation)
    }

    private static let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW

    /// Empties the directory.
    mutating func run() throws(LinuxError) {
        try enter(level(named: []))
        while let directory = levels.last {
            if let name = directory.directories.last {
                levels[levels.count - 1].directories.removeLast()
                try descend(to: name)
            } else {
                levels.removeLast()
                guard let parent = levels.last else { break }
                try ascend(to: parent)
                remove(directory.name, AT_REMOVEDIR)
            }
        }
        if let failure { throw failure }
    }

    private mutating func descend(to name: [CChar]) throws(LinuxError) {
        let raw = current.withRaw { openat($0, name, Self.flags | O_CLOEXEC) }
        guard raw >= 0 else { return note(.last(Self.operation, path)) }
        current = OwnedDescriptor(raw)
        try enter(level(named: name))
    }

    private mutating func ascend(to parent: Level) throws(LinuxError) {
        let raw = current.withRaw { openat($0, "..", Self.flags | O_CLOEXEC) }
        guard raw >= 0 else { throw .last(Self.operation, path) }
        current = OwnedDescriptor(raw)
        let found = try level(named: parent.name)
        guard found.device == parent.device, found.inode == parent.inode else {
            throw LinuxError(Self.operation, path, .resourceBusy, reason: "what is in it was moved meanwhile")
        }
    }

    private func level(named name: [CChar]) throws(LinuxError) -> Level {
        var status = stat()
        guard current.withRaw({ fstat($0, &status) }) == 0 else { throw .last(Self.operation, path) }
        return Level(name: name, device: status.st_dev, inode: status.st_ino)
    }

    /// Removes what is no directory from the current one, and remembers the others for later.
    private mutating func enter(_ level: Level) throws(LinuxError) {
        var level = level
        // Reading has a place of its own, and ends with the stream.
        let raw = current.withRaw { openat($0, ".", Self.flags | O_CLOEXEC) }
        guard raw >= 0 else { throw .last(Self.operation, path) }
        guard let stream = fdopendir(raw) else {
            let error = LinuxError.last(Self.operation, path)
            _ = close(raw)
            throw error
        }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = Self.name(of: entry)
            if name == [0x2E, 0] || name == [0x2E, 0x2E, 0] { continue }
            if !remove(name, 0) { level.directories.append(name) }
        }
        levels.append(level)
    }

    /// - Returns: false for a directory that is to be removed as one.
    @discardableResult
    private mutating func remove(_ name: [CChar], _ flags: CInt) -> Bool {
        guard current.withRaw({ unlinkat($0, name, flags) }) != 0 else { return true }
        switch Errno.last {
        case .noSuchFileOrDirectory: return true
        case .isDirectory: return false
        case let errno:
            note(LinuxError(Self.operation, path, errno))
            return true
        }
    }

    private mutating func note(_ error: LinuxError) {
        if failure == nil, error.errno != .noSuchFileOrDirectory { failure = error }
    }

    /// The bytes of it, whatever they mean, with the NUL at the end.
    private static func name(of entry: UnsafeMutablePointer<dirent>) -> [CChar] {
        // Not the whole of `d_name`: the kernel's record ends with the name.
        let offset = MemoryLayout<dirent>.offset(of: \.d_name) ?? 0
        let start = (UnsafeRawPointer(entry) + offset).assumingMemoryBound(to: CChar.self)
        return Array(UnsafeBufferPointer(start: start, count: strlen(start) + 1))
    }
}
