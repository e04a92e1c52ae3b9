// SPDX-License-Identifier: Apache-2.0
import CLinux

/// A container's log in Docker's json-file form, rotated by size: the file itself, then .1, .2 and so on.
final class LogFile {
    private let path: Bytes
    private let maximumSize: UInt64
    private let files: UInt64
    private var file: Descriptor?
    private var size: UInt64 = 0
    /// Lines that are not in the file yet.
    private var pending = Bytes()

    private static let pendingLimit = 32 << 10

    init(path: Text, maximumSize: UInt64, files: UInt64) throws(Failure) {
        self.path = path.bytes
        self.maximumSize = maximumSize
        self.files = files
        try open()
    }

    private func open() throws(Failure) {
        let opened = try path.withCText { (path) throws(Failure) -> Descriptor in
            try Descriptor.open(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NOCTTY, mode: 0o640, "log")
        }
        var status = stat()
        try check(fstat(opened.raw, &status), "log", path)
        // Anything but a file may block for ever, and the other containers with it.
        guard status.isRegularFile else {
            throw Failure("log", path, reason: "not a regular file")
        }
        size = UInt64(max(status.st_size, 0))
        file = consume opened
    }

    func append(_ line: UnsafeRawBufferPointer, stream: String, time: UInt64) {
        let start = pending.count
        pending.append("{\"log\":\"")
        pending.append(json: line)
        pending.append("\",\"stream\":\"")
        pending.append(stream)
        pending.append("\",\"time\":\"")
        pending.append(timestamp: time)
        pending.append("\"}\n")
        if size + UInt64(pending.count) > maximumSize && size + UInt64(start) > 0 {
            let line = Bytes(pending[start...])
            pending.removeLast(pending.count - start)
            flush()
            rotate()
            pending = line
        }
        if pending.count >= LogFile.pendingLimit { flush() }
    }

    /// Writes what is pending. What a full disk does not take is lost, whole lines of it.
    func flush() {
        guard !pending.isEmpty else { return }
        defer {
            // The memory is given back: there may be many quiet containers.
            pending = Bytes()
        }
        if file == nil { try? open() }
        guard let raw = file?.raw else { return }
        var written = 0
        while written < pending.count {
            let count = pending[written...].withUnsafeBytes { write(raw, $0.baseAddress, $0.count) }
            if count < 0 && lastError == EINTR { continue }
            if count <= 0 { break }
            written += count
        }
        if written < pending.count {
            let whole = pending[..<written].lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
            ftruncate(raw, off_t(size) + off_t(whole))
            written = whole
        }
        size += UInt64(written)
    }

    private func rotate() {
        if files <= 1 {
            if let raw = file?.raw, ftruncate(raw, 0) == 0 { size = 0 }
            return
        }
        for index in stride(from: files - 1, to: 1, by: -1) { rename(numbered(index - 1), to: numbered(index)) }
        rename(path, to: numbered(1))
        file = nil
        size = 0
        try? open()
    }

    private func numbered(_ index: UInt64) -> Bytes {
        var name = path
        name.append(".")
        name.append(decimal: index)
        return name
    }

    private func rename(_ old: Bytes, to new: Bytes) {
        old.withCText { old in new.withCText { new in _ = CLinux.rename(old, new) } }
    }
}
