// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import JSON
import Linux
import SystemPackage

@testable import tasknet

/// A log in a directory of its own, written and rotated as the pause process does it.
final class LogFixture {
    let directory: FilePath
    let path: FilePath
    private var count = 0

    private init() throws {
        let parent = ProcessInfo.processInfo.environment["TMPDIR"] ?? "/tmp"
        var template = Array("\(parent)/tasknet-logs.XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw LinuxError.last("create", "temporary directory") }
        directory = FilePath(platformString: template)
        path = directory.appending("app.log")
    }

    static func with<Result>(_ body: (LogFixture) throws -> Result) throws -> Result {
        let fixture = try LogFixture()
        defer { try? FileManager.default.removeItem(atPath: fixture.directory.string) }
        return try body(fixture)
    }

    func append(_ text: String) throws {
        let file = try OwnedDescriptor.open(path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
        try file.writeAll(Array(text.utf8), to: path.string)
    }

    /// Appends numbered entries and gives their texts.
    @discardableResult
    func write(_ number: Int) throws -> [String] {
        let texts = (0..<number).map { "line \(count + $0)\n" }
        count += number
        try append(texts.map { Self.entry($0) }.joined())
        return texts
    }

    /// `app.log` becomes `app.log.1`, and so on; the oldest goes.
    func rotate(keeping kept: Int = 2) {
        unlink("\(path).\(kept)")
        for index in stride(from: kept - 1, to: 0, by: -1) { rename("\(path).\(index)", "\(path).\(index + 1)") }
        rename(path.string, "\(path).1")
    }

    static func entry(_ text: String, stream: String = "stdout", time: String = "2025-11-02T10:11:12.5Z") -> String {
        let object: JSONNode = ["log": .string(text), "stream": .string(stream), "time": .string(time)]
        return object.compactText + "\n"
    }

    /// The texts of all entries that a cursor gives from where it is.
    static func rest(_ cursor: LogCursor) throws -> [String] {
        var texts: [String] = []
        while let line = try cursor.next() { texts.append(LogLine(line)?.text ?? "?") }
        return texts
    }
}
