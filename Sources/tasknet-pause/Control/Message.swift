// SPDX-License-Identifier: Apache-2.0
import CLinux

/// NUL-terminated fields one after the other, in memory that somebody else keeps.
struct Fields: Sequence, IteratorProtocol {
    private var rest: UnsafeBufferPointer<CChar>

    /// Nil when the last field has no end.
    init?(_ bytes: UnsafeBufferPointer<CChar>) {
        if let last = bytes.last, last != 0 { return nil }
        rest = bytes
    }

    mutating func next() -> Text? {
        guard let start = rest.baseAddress, !rest.isEmpty else { return nil }
        let text = Text(start)
        rest = UnsafeBufferPointer(rebasing: rest.dropFirst(text.count + 1))
        return text
    }
}

/// A field `key=value`.
struct Pair {
    let key: Text
    let value: Text

    init?(_ field: Text) {
        guard let separator = field.firstIndex(of: UInt8(ascii: "=")) else { return nil }
        key = Text(field.pointer, count: separator)
        value = field.dropFirst(separator + 1)
    }
}

/// A message from a client. Its texts lie in the buffer that it was read into.
struct Request {
    private(set) var verb: Text
    private(set) var number = Bytes()
    private(set) var name: Text?
    private(set) var container: Text?
    private(set) var signal: Int32?
    private(set) var log: Text?
    private(set) var logSize = UInt64(TASKNET_PAUSE_LOG_SIZE)
    private(set) var logFiles = UInt64(TASKNET_PAUSE_LOG_FILES)
    /// What is wrong with it. It is kept, so that the answer can carry the request's number.
    private(set) var fault: Failure?

    init?(_ bytes: UnsafeBufferPointer<CChar>) {
        guard var fields = Fields(bytes), let verb = fields.next() else { return nil }
        self.verb = verb
        while let field = fields.next() {
            do throws(Failure) {
                try take(field)
            } catch {
                fault = error
            }
        }
    }

    private mutating func take(_ field: Text) throws(Failure) {
        guard let pair = Pair(field) else { throw Failure("message", field, reason: "not of the form key=value") }
        let value = pair.value
        if pair.key == TASKNET_PAUSE_KEY_REQUEST {
            guard value.count <= Int(TASKNET_PAUSE_REQUEST_MAX) else {
                throw Failure("message", reason: "request number too long")
            }
            number = value.bytes
        } else if pair.key == TASKNET_PAUSE_KEY_NAME {
            name = value
        } else if pair.key == TASKNET_PAUSE_KEY_CONTAINER {
            container = value
        } else if pair.key == TASKNET_PAUSE_KEY_LOG {
            log = value
        } else if pair.key == TASKNET_PAUSE_KEY_LOG_SIZE {
            logSize = try positive(value, field)
        } else if pair.key == TASKNET_PAUSE_KEY_LOG_FILES {
            logFiles = min(try positive(value, field), 1000)
        } else if pair.key == TASKNET_PAUSE_KEY_SIGNAL {
            signal = Int32(clamping: try positive(value, field))
        } else {
            throw Failure("message", field, reason: "unknown field")
        }
    }

    private func positive(_ value: Text, _ field: Text) throws(Failure) -> UInt64 {
        guard let number = parseNumber(value.buffer), number > 0 else {
            throw Failure("message", field, reason: "not a positive number")
        }
        return number
    }
}

/// A message being written.
struct Message {
    private(set) var bytes: Bytes

    init(_ verb: String) {
        bytes = Bytes(verb)
        bytes.append(0)
    }

    mutating func add(_ key: String, _ value: Bytes) {
        add(key) { $0 += value }
    }

    mutating func add(_ key: String, _ value: String) {
        add(key) { $0.append(value) }
    }

    mutating func add(_ key: String, _ value: some BinaryInteger) {
        add(key) { $0.append(decimal: value) }
    }

    private mutating func add(_ key: String, _ write: (inout Bytes) -> Void) {
        bytes.append(key)
        bytes.append(UInt8(ascii: "="))
        write(&bytes)
        bytes.append(0)
    }
}
