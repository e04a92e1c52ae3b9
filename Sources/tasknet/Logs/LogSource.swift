// SPDX-License-Identifier: Apache-2.0

import Linux

/// The log entries of one container, one after the other.
final class LogSource {
    let container: String
    /// Lines that were read already, the next one last.
    private var queued: [[UInt8]] = []
    private let cursor: LogCursor
    private let since: LogTime?
    private var head: LogLine?

    /// - Parameters:
    ///   - path: of the newest file.
    ///   - since: older entries are passed over.
    init(container: String, path: String, since: LogTime? = nil) {
        self.container = container
        self.since = since
        cursor = LogCursor(path: path)
    }

    /// Passes over all that is there but the last `count` lines.
    func skip(toLast count: Int) throws(LinuxError) {
        var kept: [[UInt8]] = []
        var oldest = 0
        while let line = try cursor.next() {
            guard count > 0 else { continue }
            if kept.count < count {
                kept.append(line)
            } else {
                kept[oldest] = line
                oldest = (oldest + 1) % count
            }
        }
        queued = Array((kept[oldest...] + kept[..<oldest]).reversed())
    }

    /// The next entry, which stays the next one; nil when there is none so far.
    func peek() throws(LinuxError) -> LogLine? {
        while head == nil {
            var bytes = queued.popLast()
            if bytes == nil { bytes = try cursor.next() }
            guard let bytes else { return nil }
            // What is no entry was torn by a crash.
            guard let line = LogLine(bytes) else { continue }
            if let since, let time = line.time, time < since { continue }
            head = line
        }
        return head
    }

    /// Takes the entry that `peek` showed.
    func drop() {
        head = nil
    }

    /// The source with the oldest entry, and that entry; nil when none has any.
    static func oldest(of sources: [LogSource]) throws(LinuxError) -> (LogSource, LogLine)? {
        var found: (LogSource, LogLine)?
        for source in sources {
            guard let line = try source.peek() else { continue }
            // Without a time it is put out at once.
            guard let time = line.time else { return (source, line) }
            if let other = found?.1.time, other <= time { continue }
            found = (source, line)
        }
        return found
    }
}
