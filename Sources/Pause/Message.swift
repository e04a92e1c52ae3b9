// SPDX-License-Identifier: Apache-2.0
import CLinux
import Glibc
import SystemPackage

/// NUL-terminated fields: what is sent to the pause process, and what lies in a specification.
struct MessageWriter {
    private(set) var bytes: [UInt8] = []

    /// - Throws: `EINVAL` for a text with a NUL in it, which would end there and begin another field.
    mutating func add(_ field: String) throws(PauseError) {
        guard !field.utf8.contains(0) else {
            let visible = field.prefix { $0 != "\0" }
            throw PauseError("\"\(visible)\": a text for a container contains a NUL byte", .invalidArgument)
        }
        bytes += field.utf8
        bytes.append(0)
    }

    mutating func add(_ key: String, _ value: String) throws(PauseError) {
        try add("\(key)=\(value)")
    }
}

/// A message from the pause process.
struct Message {
    let verb: String
    private let fields: [String: String]

    /// Nil when it is not of the protocol's form.
    init?(_ bytes: some Collection<UInt8>) {
        let texts = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
        guard let verb = texts.first else { return nil }
        self.verb = verb
        var fields: [String: String] = [:]
        for text in texts.dropFirst() {
            let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { return nil }
            fields[String(parts[0])] = String(parts[1])
        }
        self.fields = fields
    }

    subscript(key: String) -> String? { fields[key] }

    func number<Number: FixedWidthInteger>(_ key: String) -> Number? { fields[key].flatMap { Number($0) } }

    /// What an `error` or a `failed` says.
    var error: PauseError {
        PauseError(
            fields[TASKNET_PAUSE_KEY_TEXT] ?? verb, Errno(rawValue: number(TASKNET_PAUSE_KEY_ERRNO) ?? EPROTO))
    }
}
