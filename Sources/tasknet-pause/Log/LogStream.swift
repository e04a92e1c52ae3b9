// SPDX-License-Identifier: Apache-2.0
import CLinux

/// What one process writes to one of its outputs, cut into lines.
final class LogStream {
    private var pipe: Descriptor?
    private var writingEnd: Descriptor?
    private let log: LogFile
    private let name: String
    /// The beginning of a line whose end has not come yet.
    private var partial = Bytes()

    /// A longer line is logged in pieces of this size, as Docker does. Only the last one ends in a line feed.
    private static let pieceSize = 16 << 10

    init(log: LogFile, name: String) throws(Failure) {
        let ends = try Pipe()
        pipe = consume ends.reading
        writingEnd = consume ends.writing
        self.log = log
        self.name = name
    }

    /// What to wait for; nil after the end.
    var number: Int32? { pipe?.raw }

    /// What the process is to write to; -1 when only that process has it.
    var writingNumber: Int32 { writingEnd?.raw ?? -1 }

    /// The process has been born with its own copy.
    func handOver() { writingEnd = nil }

    /// Reads what is there, at most `rounds` buffers of it, so that a flood does not keep everything else waiting.
    func drain(_ buffer: UnsafeMutableRawBufferPointer, rounds: Int) {
        guard let raw = pipe?.raw else { return }
        for _ in 0..<rounds {
            let count = read(raw, buffer.baseAddress, buffer.count)
            if count < 0 && lastError == EINTR { continue }
            if count < 0 && lastError == EAGAIN { break }
            guard count > 0 else {
                close()
                return
            }
            take(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            if count < buffer.count { break }
        }
        log.flush()
    }

    /// The end of the output. A line without an end is logged as it is.
    func close() {
        guard pipe != nil else { return }
        pipe = nil
        if !partial.isEmpty { logPartial(partial.count, time: wallClock()) }
        log.flush()
    }

    private func take(_ bytes: UnsafeRawBufferPointer) {
        let time = wallClock()
        var rest = bytes
        while !rest.isEmpty {
            let room = LogStream.pieceSize - partial.count
            let end = rest.prefix(room).firstIndex(of: UInt8(ascii: "\n"))
            let count = end.map { $0 + 1 } ?? min(room, rest.count)
            let piece = UnsafeRawBufferPointer(rebasing: rest[..<count])
            rest = UnsafeRawBufferPointer(rebasing: rest[count...])
            if end != nil && partial.isEmpty {
                log.append(piece, stream: name, time: time)
                continue
            }
            partial += piece
            if end != nil {
                logPartial(partial.count, time: time)
            } else if partial.count == LogStream.pieceSize {
                logPartial(partial.count - partial.unfinishedCharacter, time: time)
            }
        }
    }

    private func logPartial(_ count: Int, time: UInt64) {
        partial.withUnsafeBytes {
            log.append(UnsafeRawBufferPointer(rebasing: $0[..<count]), stream: name, time: time)
        }
        partial = Bytes(partial[count...])
    }
}
